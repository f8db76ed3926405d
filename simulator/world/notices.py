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
    """`ended`: of each address the newest notice that came to an end, whose receipts may overtake
    those of older ones, and whether it failed; a pager is asked anew each time."""

    def __init__(self) -> None:
        self.last: dict[tuple[int, str], Notice] = {}  # (incident, person)
        self.sent: dict[int, str] = {}  # notice -> its address
        self.ended: dict[str, tuple[int, bool]] = {}
        self.count: Counter[str] = Counter()  # person -> how often told

    def row(self, number: int, kind: str, body: dict[str, Any], first: int) -> None:
        about = (first, body["person"])
        if kind == "notified":
            way = body["channel"], body["address"]
            self.count[body["person"]] += 1
            self.sent[number] = body["address"]
            self.last[about] = Notice(number, body["place"], *way)
            return
        last = self.last[about]
        if last.number == body["notice"]:
            last.state = body["state"]
        address = self.sent[body["notice"]]
        if body["notice"] >= self.ended.get(address, (0, False))[0]:
            self.ended[address] = body["notice"], body["state"] == "failed"

    def failed(self, address: str) -> bool:
        """Whether the last word sent there did not arrive."""
        return self.ended.get(address, (0, False))[1]

    def answered(self, first: int, board: str, code: str) -> None:
        """A rung board's grey key: heard and taken are a person's answer, busy is none."""
        for (incident, _), last in self.last.items():
            pager = last.channel == "pager" and last.address == board
            if incident == first and pager and last.state in ("sent", "accepted"):
                last.state = "failed" if code == "busy" else "answered"
