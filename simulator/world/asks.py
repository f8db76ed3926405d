"""Roll calls (点名) and texts (通知) as the ledger's rows have them.

Who answered is counted once more: each site once, by its own boards or by telephone, for the ask
that it was asked. Every time is in ms of the world's steady clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.world.windows import MINUTE_MS, Wrong

PREFIX = "ask-"


@dataclass
class Ask:
    """One ask. `answered`: site -> the row that answered for it first."""

    number: int
    kind: str
    from_ms: int
    for_ms: int
    sites: frozenset[str]
    answered: dict[str, int] = field(default_factory=dict)
    ended: int | None = None

    @property
    def due_ms(self) -> int:
        return self.from_ms + self.for_ms

    def missing(self) -> list[str]:
        return sorted(self.sites - self.answered.keys())


class Asks:
    """All asks of one ledger."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong
        self.all: dict[int, Ask] = {}

    def row(self, number: int, steady: int, kind: str, body: dict[str, Any]) -> None:
        if kind == "ask_opened":
            sites = frozenset(site for site, _ in body["sites"])
            for_ms = body["minutes"] * MINUTE_MS
            self.all[number] = Ask(number, body["ask"], steady, for_ms, sites)
        elif kind == "ask_answered":
            self._answered(number, steady, body["ask"], body["site"])
        elif kind == "ask_ended":
            self._ended(number, steady, self.all[_number(body["ask"])], body)

    def reported(self, number: int, steady: int, body: dict[str, Any]) -> None:
        """A board's answer to an ask."""
        report = body["report"]
        if report["kind"] == "answer" and report.get("about", "").startswith(PREFIX):
            self._answered(number, steady, report["about"], body["site"])

    def _answered(self, number: int, steady: int, ask: str, site: str) -> None:
        asked = self.all[_number(ask)]
        if site not in asked.sites:
            about = f"ledger row {number}: {site} answers {ask}, and was not asked"
            self.wrong("falsely_confirmed", steady, ("ask", number), about)
        asked.answered.setdefault(site, number)

    def _ended(self, number: int, steady: int, ask: Ask, body: dict[str, Any]) -> None:
        missing = ask.missing()
        early = body["why"] == "time" and steady < ask.due_ms
        if ask.ended is not None or early or (body["why"] == "answered" and missing):
            about = f"ledger row {number} ends {body['ask']} ({body['why']}) before its end"
            self.wrong("falsely_confirmed", steady, ("ask ends", number), about)
        if sorted(body["missing"]) != missing:
            about = f"ledger row {number} ends {body['ask']}: missing {body['missing']}"
            self.wrong(
                "falsely_confirmed",
                steady,
                ("ask missing", number),
                f"{about}; by the answers in the ledger {missing}",
            )
        ask.ended = ask.ended or number

    def told(self, board: str, site: str, state: Mapping[str, Any], now_ms: int) -> None:
        """What a board is asked: only what its site was asked and had not answered, as of the row
        at which it was said."""
        for each in state.get("asks", ()):
            ask = self.all.get(_number(each["id"]))
            if (
                ask is None
                or site not in ask.sites
                or ask.answered.get(site, state["row"] + 1) <= state["row"]
            ):
                about = f"{board} is asked {each['id']}, which its site was not asked or answered"
                self.wrong("falsely_confirmed", now_ms, ("asked", board, each["id"]), about)

    def shown(self, ask: str, replies: dict[str, int | None], now_ms: int) -> None:
        """At the end, as the duty page shows it. `replies`: site -> when it answered, or None."""
        asked = self.all[_number(ask)]
        there = {site for site, when in replies.items() if when is not None}
        if replies.keys() != asked.sites or there != asked.answered.keys():
            self.wrong(
                "falsely_confirmed",
                now_ms,
                ("shown", ask),
                f"the duty page says that {sorted(there)} answered {ask}; in the ledger it is"
                f" {sorted(asked.answered)}",
            )


def _number(ask: str) -> int:
    return int(ask.rpartition("-")[2])
