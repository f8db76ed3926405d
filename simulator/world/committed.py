"""What the ledger's rows say, read row by row, by rules of our own."""

import json
import sqlite3
from collections import Counter
from typing import Any

from simulator.world.asks import PREFIX, Asks
from simulator.world.notices import Notices
from simulator.world.windows import Windows, Wrong

Name = tuple[str, str, int]  # board, boot, number

SURE_MS = 200  # beside a thousandth of its age: how surely a board's clock dates a press
CALLS = {"alarm": "alarm", "hold": "alarm", "duress": "duress", "abnormal": "abnormal"}
REAL = ("alarm", "duress")
NOTES = ("abnormal", "allwell")
ASKS = ("ask_opened", "ask_answered", "ask_ended")


class Committed:
    """Incidents are named by their first row; each has an owner, (board, kind): kind is alarm,
    duress, abnormal or drill."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong
        self.after = 0
        self.boots = [(0, 0)]  # first row of each kernel's boot, and when that was
        self.names: Counter[Name] = Counter()
        self.open: dict[tuple[str, str], int] = {}
        self.owner: dict[int, tuple[str, str]] = {}
        self.street: dict[int, str] = {}
        self.last_press: dict[int, int] = {}  # incident -> row
        self.last_taken: dict[int, tuple[int, int]] = {}  # incident -> row, steady ms
        self.closed_ms: dict[tuple[str, str], int] = {}
        self.tested_ms: dict[str, int] = {}
        self.since: dict[int, tuple[int, int]] = {}  # untaken since: row, steady
        self.passed: dict[tuple[int, str], int] = {}  # paged, escalated -> row
        self.rung: dict[int, dict[str, int]] = {}  # incident -> pager -> row that rang it
        self.noted: set[str] = set()  # boards with a stored 异常 or 平安
        self.windows = Windows(wrong)
        self.asks = Asks(wrong)
        self.notices = Notices()
        self.clock_set = False
        self.unreachable: frozenset[str] = frozenset()  # streets whose alarms reach nobody
        self.drilled: dict[Name, int] = {}  # a drill's presses -> its incident
        self.drills: dict[int, int] = {}  # rows of presses that were a drill's -> its incident
        self.made_real: set[int] = set()  # drills that the hub found to be none
        self.promoted: set[int] = set()  # rows of holds that opened a real incident out of one

    def pull(self, db: sqlite3.Connection, now_ms: int) -> None:
        """Read what was committed since. Call it only outside a transaction."""
        for number, wall, steady, kind, body in db.execute(
            "SELECT number, wall, steady, kind, body FROM ledger WHERE number > ? ORDER BY number",
            (self.after,),
        ).fetchall():
            at_ms = self.world_ms(number, steady)
            self._row(number, wall, at_ms, kind, json.loads(body), now_ms)
            self.after = number

    def rebooted(self, at_ms: int) -> None:
        """From here on the rows' steady clock counts from that moment. All before is pulled."""
        self.boots.append((self.after + 1, at_ms))
        self.windows.boot_row = self.after + 1

    def world_ms(self, number: int, steady: int) -> int:
        """When a row was written, by the world's own clock."""
        return steady + next(boot for first, boot in reversed(self.boots) if first <= number)

    def _row(
        self, number: int, wall: int, steady: int, kind: str, body: dict[str, Any], now_ms: int
    ) -> None:
        if kind == "reported":
            self._reported(number, wall, steady, body, now_ms)
        elif kind == "taken":
            self._taken(str(body["incident"]), number, steady)
        elif kind in ("paged", "escalated"):
            first = first_row(body["incident"])
            self.passed[first, kind] = number
            for pager in body["boards"] if kind == "paged" else ():
                self.rung.setdefault(first, {})[pager] = number
        elif kind == "closed":
            self._closed(first_row(body["incident"]), now_ms)
        elif kind == "made_real":
            drill = first_row(body["incident"])
            if "action" not in body:
                self.made_real.add(drill)
            self._closed(drill, now_ms)
            self._moved(drill)
            self._opened(number, steady, (self.owner[drill][0], "alarm"), self.street[drill])
        elif kind in ("window_opened", "window_ended"):
            self.windows.row(number, steady, kind, body)
        elif kind in ASKS:
            self.asks.row(number, steady, kind, body)
        elif kind in ("notified", "notice_receipt"):
            self.notices.row(number, kind, body, first_row(body["incident"]))
            if kind == "notified" and body["channel"] == "pager":
                self.rung.setdefault(first_row(body["incident"]), {})[body["address"]] = number
        elif kind == "clock_step":
            self.clock_set = True
        elif kind in ("nobody_reachable", "somebody_reachable"):
            self.unreachable = frozenset(body["streets"])

    # --- presses ------------------------------------------------------------------------------

    def _reported(
        self, number: int, wall: int, steady: int, body: dict[str, Any], now_ms: int
    ) -> None:
        report = body["report"]
        board, kind = str(body["board"]), report["kind"]
        name = (board, report["boot"], report["number"])
        self.names[name] += 1
        if kind == "test":
            self.tested_ms[board] = now_ms
            self.windows.tested(wall, steady, body)
        self.asks.reported(number, steady, body)
        if kind in NOTES:
            self.noted.add(board)
        if kind == "answer" and not report["about"].startswith(PREFIX):
            self._answered(board, report, number, steady)
        sort = CALLS.get(kind)
        if kind == "alarm":
            in_window = self.windows.pressed(number, wall, steady, body)
            if in_window and not any((board, each) in self.open for each in REAL):
                sort = "drill"
        elif kind == "hold":
            sort = self._held(board, report, number)
        if sort is None:
            return
        if sort == "alarm" and (board, "drill") in self.open:  # real need ends a drill
            self._closed(self.open[board, "drill"], now_ms)
        self._pressed(number, steady, (board, sort), body)
        if sort == "drill":
            self.drilled[name] = self.drills[number] = self.open[board, "drill"]

    def _held(self, board: str, report: dict[str, Any], number: int) -> str | None:
        """A hold joins; it opens an incident when its press is still to come, or was a drill's."""
        boot, _, press = str(report.get("about", "")).partition(":")
        name = (board, boot, int(press or 0))
        if (board, "alarm") in self.open:
            return "alarm"
        if name in self.drilled:
            self._moved(self.drilled[name])
            self.promoted.add(number)
            return "alarm"
        return None if self.names[name] else "alarm"  # its press was dealt with

    def _moved(self, drill: int) -> None:
        """What was pressed in a drill belongs to a real incident now."""
        self.drilled = {name: first for name, first in self.drilled.items() if first != drill}

    def _opened(self, number: int, steady: int, owner: tuple[str, str], street: str) -> None:
        self.open[owner] = number
        self.owner[number] = owner
        self.street[number] = street
        self.last_press[number] = number
        self.since[number] = (number, steady)

    def _pressed(
        self, number: int, steady: int, owner: tuple[str, str], body: dict[str, Any]
    ) -> None:
        report = body["report"]
        if owner not in self.open:
            self._opened(number, steady, owner, body["street"])
            if report["kind"] == "hold":
                del self.last_press[number]
            return
        first = self.open[owner]
        was_untaken = not self._is_taken(first)
        # made before the taking and only arriving after it: it takes nothing back
        made_ms = _latest_ms(report, steady)
        under_way = not report["reboots"] and made_ms < self._taken_at(first)
        if report["kind"] != "hold" and not under_way:
            self.last_press[first] = number
        if not was_untaken and not self._is_taken(first):
            self.since[first] = (number, steady)

    # --- what people do -------------------------------------------------------------------

    def _answered(self, board: str, report: dict[str, Any], number: int, steady: int) -> None:
        """A pager takes what it rings for, and only the round that rings now."""
        first = first_row(report["about"])
        since, since_ms = self.since.get(first, (0, 0))
        rings = self.rung.get(first, {}).get(board, 0) > since
        if not rings or report["reboots"] or _latest_ms(report, steady) < since_ms:
            return
        if (board, "duress") in self.open:
            return  # under duress nobody there can come
        self.notices.answered(first, board, report["code"])
        if report["code"] == "taken":
            self._taken(report["about"], number, steady)

    def _taken(self, incident: str, number: int, steady: int) -> None:
        first = first_row(incident)
        is_open = first in self.owner and self.open.get(self.owner[first]) == first
        # an answer about an incident that is taken already changes nothing
        if is_open and not self._is_taken(first):
            self.last_taken[first] = (number, steady)

    def _closed(self, first: int, now_ms: int) -> None:
        if first in self.owner:
            self.open.pop(self.owner[first], None)
            self.closed_ms[self.owner[first]] = now_ms

    def _is_taken(self, first: int) -> bool:
        return first in self.last_taken and self.last_taken[first][0] > self.last_press.get(
            first, 0
        )

    def _taken_at(self, first: int) -> int:
        """Steady ms of the taking in force, or a time before all."""
        return self.last_taken[first][1] if self._is_taken(first) else -1

    # --- what it comes to -------------------------------------------------------------------

    def state(self, board: str, kind: str) -> str:
        """untaken, taken or none: of the board's open incident of that kind."""
        first = self.open.get((board, kind))
        if first is None:
            return "none"
        return "taken" if self._is_taken(first) else "untaken"

    def call(self, board: str) -> str:
        """The same, of what its lamps speak of: an alarm, or a drill's press."""
        return self.state(board, "alarm" if (board, "alarm") in self.open else "drill")

    def ended_ms(self, board: str, never_ms: int) -> int:
        """When it last had such an incident closed."""
        return max(self.closed_ms.get((board, each), never_ms) for each in ("alarm", "drill"))


def first_row(incident: object) -> int:
    return int(str(incident).rpartition("-")[2].partition("#")[0])


def _latest_ms(report: dict[str, Any], steady: int) -> int:
    """Steady ms by which what is reported was surely done."""
    age_ms = int(report["age_ms"])
    return steady - age_ms + age_ms // 1000 + SURE_MS
