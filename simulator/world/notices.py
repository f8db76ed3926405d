"""Whom an incident was told to (已通知), by which way, and what came back, as the rows have it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any


@dataclass
class Notice:
    """The last word to one person about one incident. `place`: which of the ways, from 0."""

    number: int
    place: int
    channel: str
    address: str
    state: str = "sent"


class Notices:
    """`failed`: ways whose last receipt was a failure; a pager's is asked anew each time."""

    def __init__(self) -> None:
        self.last: dict[tuple[int, str], Notice] = {}  # (incident, person)
        self.failed: set[str] = set()  # addresses
        self.count: Counter[str] = Counter()  # person -> how often told

    def row(self, number: int, kind: str, body: dict[str, Any], first: int) -> None:
        about = (first, body["person"])
        if kind == "notified":
            way = body["channel"], body["address"]
            self.count[body["person"]] += 1
            self.last[about] = Notice(number, body["place"], *way)
            return
        last = self.last[about]
        if last.number == body["notice"]:
            last.state = body["state"]
            if body["state"] == "failed":
                self.failed.add(last.address)
            else:
                self.failed.discard(last.address)

    def answered(self, first: int, board: str, code: str) -> None:
        """A rung board's grey key: heard and taken are a person's answer, busy is none."""
        for (incident, _), last in self.last.items():
            pager = last.channel == "pager" and last.address == board
            if incident == first and pager and last.state in ("sent", "accepted"):
                last.state = "failed" if code == "busy" else "answered"
