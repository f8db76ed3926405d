"""Independent checkers: they read board journals, ledger rows and traffic, never the product's
own counters, and know nothing of how hub or board decide.

Lost: felt and saved, or ever confirmed, and no ledger row stands for it at the end. Doubled: more
than one does. Falsely confirmed: a lamp or receipt said stored or taken when no committed row
backed it. Swallowed: two presses share one name. Silent: 10 s after a press no lamp says stored
and none says not getting through, or, after healing, lamps and ledger differ.
"""

from collections import Counter
from dataclasses import dataclass

from simulator.world.committed import Committed, Name

VERDICTS = ("lost", "doubled", "falsely_confirmed", "swallowed", "silent")
SILENT_MS = 10_000
SILENT_GRACE_MS = 250  # a lamp is looked at, not timed
TESTED_GRACE_MS = 130_000  # a test's window, and a moment
CLOSED_GRACE_MS = 60_000  # a lamp may show an incident that ended a moment ago
BATCH_MS = 25  # what arrives waits so long at most for its batch


@dataclass
class Press:
    """One pressing of a real key. `serial` is the world's secret; the product never sees it."""

    serial: int
    board: str
    kind: str
    felt_ms: int
    life: int
    name: Name
    saved: bool = False
    heard_ms: int | None = None  # when the board was told stored (or more)
    ended: bool = False  # the board was told closed or refused
    contact_ms: int | None = None  # when the key's contact closed, where that is known


class Judge:
    """Collects wrongs as they happen and at the end. `first` is the first wrong press found."""

    def __init__(self) -> None:
        self.committed = Committed(self.wrong)
        self.presses: list[Press] = []
        self.by_name: dict[Name, Press] = {}
        self.saved: set[Name] = set()  # every report that a flash holds, presses or not
        self.confirmed: set[Name] = set()
        self.count: Counter[str] = Counter()
        self.first: tuple[int, str] | None = None
        self.alarm_ms: dict[str, int] = {}  # board -> when it last felt an alarm
        self._told: set[tuple[str, object]] = set()

    def wrong(self, verdict: str, now_ms: int, about: object, sentence: str) -> None:
        if (verdict, about) not in self._told:
            self._told.add((verdict, about))
            self.count[verdict] += 1
            if self.first is None:
                self.first = (now_ms, f"{verdict}: {sentence}")

    def felt(self, press: Press) -> None:
        before = self.by_name.get(press.name)
        if before is not None:
            self.wrong(
                "swallowed",
                press.felt_ms,
                press.name,
                f"press {press.serial} of {press.board} has the name of press {before.serial}",
            )
        self.presses.append(press)
        self.by_name[press.name] = press

    def receipt_sent(self, name: Name, now_ms: int) -> None:
        """The hub said stored (or more) of this name."""
        if not self.committed.names[name]:
            self.wrong(
                "falsely_confirmed",
                now_ms,
                name,
                f"{_text(name)} was called stored, and no committed row stands for it",
            )

    def receipt_heard(self, name: Name, now_ms: int, ended: bool) -> None:
        """The board heard it."""
        self.confirmed.add(name)
        press = self.by_name.get(name)
        if press:
            press.heard_ms = press.heard_ms or now_ms
            press.ended = press.ended or ended

    def lamps(self, board: str, lamps: dict[str, str], now_ms: int) -> None:
        """A board's lamps have changed to these."""
        for_alarm = self.committed.call(board)
        since_end = now_ms - self.committed.ended_ms(board, -CLOSED_GRACE_MS)
        since_test = now_ms - self.committed.tested_ms.get(board, -200_000)
        recent = since_end < CLOSED_GRACE_MS or since_test < TESTED_GRACE_MS
        noted = lamps["stored"] == "once" and board in self.committed.noted  # 异常, 平安
        if lamps["stored"] != "off" and for_alarm == "none" and not recent and not noted:
            self.wrong(
                "falsely_confirmed",
                now_ms,
                (board, now_ms),
                f"{board} shows stored and the ledger has no open press of it",
            )
        if lamps["taken"] != "off" and for_alarm != "taken" and since_end >= CLOSED_GRACE_MS:
            self.wrong(
                "falsely_confirmed",
                now_ms,
                (board, now_ms),
                f"{board} shows taken and in the ledger it is {for_alarm}",
            )

    def looked_at(self, press: Press, lamps: dict[str, str], now_ms: int) -> None:
        """10 s after the press: one of stored and not-getting-through must be said."""
        real_since = press.kind == "test" and self.alarm_ms.get(press.board, -1) >= press.felt_ms
        if press.kind == "duress" or real_since:  # nothing shows; or real need ended the test
            return
        if press.heard_ms is None and lamps["fault"] == "off":
            self.wrong(
                "silent",
                now_ms,
                press.serial,
                f"press {press.serial} of {press.board} is 10 s old, not stored, "
                "and the board does not say so",
            )

    def end(self, lamps: dict[str, dict[str, str]], now_ms: int) -> None:
        """Healed and converged: ledger against flash journals, and lamps against ledger."""
        for name in sorted(self.saved | self.confirmed):
            if not self.committed.names[name]:
                self.wrong(
                    "lost",
                    now_ms,
                    name,
                    f"{_text(name)} was "
                    f"{'confirmed' if name in self.confirmed else 'saved'} "
                    "and no ledger row stands for it",
                )
        for name, count in sorted(self.committed.names.items()):
            if count > 1:
                self.wrong("doubled", now_ms, name, f"{_text(name)} has {count} ledger rows")
        for board, shown in lamps.items():
            if shown["calling"] == "double3":  # every window of test or drill has had its time
                self.wrong("silent", now_ms, ("window", board), f"{board} still shows a window")
            state = self.committed.call(board)
            should = {"none": ("off", "off"), "untaken": ("on", "off"), "taken": ("on", "on")}
            if (shown["stored"], shown["taken"]) != should[state]:
                self.wrong(
                    "silent",
                    now_ms,
                    board,
                    f"healed, {board} shows stored "
                    f"{shown['stored']}, taken {shown['taken']}; the ledger: {state}",
                )


def _text(name: Name) -> str:
    return f"{name[0]} {name[1]}:{name[2]}"
