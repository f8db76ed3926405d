"""Independent checkers: they read board journals, ledger rows and traffic, never the product's
own counters, and know nothing of how hub or board decide.

Lost: felt and saved, or ever confirmed, and no ledger row stands for it at the end. Doubled: more
than one does. Falsely confirmed: a lamp or receipt said stored or taken when no committed row
backed it. Swallowed: two presses share one name. Silent: 10 s after a press no lamp says stored
and none says not getting through, or, after healing, lamps and ledger differ.
"""

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

Name = tuple[str, str, int]  # board, boot, number

VERDICTS = ("lost", "doubled", "falsely_confirmed", "swallowed", "silent")
SILENT_MS = 10_000
SILENT_GRACE_MS = 250  # a lamp is looked at, not timed
SURE_MS = 200  # beside a thousandth of its age: how surely a board's clock dates a press
TESTED_GRACE_MS = 130_000  # a test's window, and a moment
CLOSED_GRACE_MS = 60_000  # a lamp may show an incident that ended a moment ago


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


@dataclass
class Committed:
    """What the ledger's rows say, read row by row, by rules of our own."""

    after: int = 0
    names: Counter[Name] = field(default_factory=Counter)
    open: dict[tuple[str, str], int] = field(default_factory=dict)  # (board, kind) -> first row
    last_press: dict[int, int] = field(default_factory=dict)  # incident's first row -> row
    last_taken: dict[int, tuple[int, int]] = field(default_factory=dict)  # (row, steady ms)
    owner: dict[int, tuple[str, str]] = field(default_factory=dict)
    closed_ms: dict[tuple[str, str], int] = field(default_factory=dict)
    tested_ms: dict[str, int] = field(default_factory=dict)
    since: dict[int, tuple[int, int]] = field(default_factory=dict)  # untaken since: row, steady
    passed: dict[tuple[int, str], int] = field(default_factory=dict)  # paged, escalated -> row
    rung: dict[int, list[str]] = field(default_factory=dict)  # the pagers of the last paging

    def pull(self, db: sqlite3.Connection, now_ms: int) -> None:
        """Read what was committed since. Call it only outside a transaction."""
        for number, steady, kind, body in db.execute(
            "SELECT number, steady, kind, body FROM ledger WHERE number > ? ORDER BY number",
            (self.after,),
        ).fetchall():
            self._row(number, steady, kind, json.loads(body), now_ms)
            self.after = number

    def _row(self, number: int, steady: int, kind: str, body: dict[str, Any], now_ms: int) -> None:
        if kind == "reported":
            report = body["report"]
            board = str(body["board"])
            self.names[board, report["boot"], report["number"]] += 1
            sort = {"alarm": "alarm", "hold": "alarm", "duress": "duress"}.get(report["kind"])
            if report["kind"] == "test":
                self.tested_ms[board] = now_ms
            about = str(report.get("about", "")).split(":")
            press = (board, about[0], int(about[1]) if len(about) == 2 else 0)
            if report["kind"] == "hold" and (board, "alarm") not in self.open:
                sort = None if self.names[press] else sort  # its press was dealt with
            if sort:
                first = self.open.setdefault((board, sort), number)
                was_untaken = first in self.since and not self._is_taken(first)
                self.owner[first] = (board, sort)
                # made before the taking and only arriving after it: it takes nothing back
                made_ms = _latest_ms(report, steady)
                under_way = not report["reboots"] and made_ms < self._taken_at(first)
                if report["kind"] != "hold" and not under_way:
                    self.last_press[first] = number
                if not was_untaken and not self._is_taken(first):
                    self.since[first] = (number, steady)
            if report["kind"] == "answer" and report.get("code") == "taken":
                self._answered(board, report, number, steady)
        elif kind == "taken":
            self._taken(str(body["incident"]), number, steady)
        elif kind in ("paged", "escalated"):
            first = _first_row(body["incident"])
            self.passed[first, kind] = number
            if kind == "paged":
                self.rung[first] = body["boards"]
        elif kind == "closed":
            first = _first_row(body["incident"])
            if first in self.owner:
                self.open.pop(self.owner[first], None)
                self.closed_ms[self.owner[first]] = now_ms

    def _answered(self, board: str, report: dict[str, Any], number: int, steady: int) -> None:
        """A pager takes what it rings for, and only the round that rings now."""
        first = _first_row(report["about"])
        since, since_ms = self.since.get(first, (0, 0))
        rings = self.passed.get((first, "paged"), 0) > since and board in self.rung[first]
        if rings and not report["reboots"] and _latest_ms(report, steady) >= since_ms:
            self._taken(report["about"], number, steady)

    def _taken(self, incident: str, number: int, steady: int) -> None:
        first = _first_row(incident)
        is_open = first in self.owner and self.open.get(self.owner[first]) == first
        # an answer about an incident that is taken already changes nothing
        if is_open and not self._is_taken(first):
            self.last_taken[first] = (number, steady)

    def _is_taken(self, first: int) -> bool:
        return first in self.last_taken and self.last_taken[first][0] > self.last_press.get(
            first, 0
        )

    def _taken_at(self, first: int) -> int:
        """Steady ms of the taking in force, or a time before all."""
        return self.last_taken[first][1] if self._is_taken(first) else -1

    def state(self, board: str, kind: str) -> str:
        """untaken, taken or none: of the board's open incident of that kind."""
        first = self.open.get((board, kind))
        if first is None:
            return "none"
        return "taken" if self._is_taken(first) else "untaken"


class Judge:
    """Collects wrongs as they happen and at the end. `first` is the first wrong press found."""

    def __init__(self) -> None:
        self.committed = Committed()
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
        for_alarm = self.committed.state(board, "alarm")
        since_end = now_ms - self.committed.closed_ms.get((board, "alarm"), -CLOSED_GRACE_MS)
        since_test = now_ms - self.committed.tested_ms.get(board, -200_000)
        recent = since_end < CLOSED_GRACE_MS or since_test < TESTED_GRACE_MS
        if lamps["stored"] != "off" and for_alarm == "none" and not recent:
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
            state = self.committed.state(board, "alarm")
            should = {"none": ("off", "off"), "untaken": ("on", "off"), "taken": ("on", "on")}
            if (shown["stored"], shown["taken"]) != should[state]:
                self.wrong(
                    "silent",
                    now_ms,
                    board,
                    f"healed, {board} shows stored "
                    f"{shown['stored']}, taken {shown['taken']}; the ledger: {state}",
                )


def _first_row(incident: object) -> int:
    return int(str(incident).rpartition("-")[2])


def _latest_ms(report: dict[str, Any], steady: int) -> int:
    """Steady ms by which what is reported was surely done."""
    age_ms = int(report["age_ms"])
    return steady - age_ms + age_ms // 1000 + SURE_MS


def _text(name: Name) -> str:
    return f"{name[0]} {name[1]}:{name[2]}"
