"""Drill windows (演练) as the ledger's rows have them, and what a press in one is.

Every time is in ms of the world's steady clock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MINUTE_MS = 60_000
ROUNDING_MS = 2
THIRD_MS = 10_000
THIRD_SLACK_MS = 1_000  # beside a hundredth of its age: when three may be within ten seconds

Wrong = Callable[[str, int, object, str], None]


@dataclass
class Window:
    """One registered window. `ended_ms`: by its row; none: it is open, or nobody said so yet."""

    number: int
    from_ms: int
    for_ms: int
    sites: frozenset[str]
    ended_ms: int | None = None

    @property
    def due_ms(self) -> int:
        return self.from_ms + self.for_ms

    @property
    def until_ms(self) -> int:
        return self.due_ms if self.ended_ms is None else min(self.due_ms, self.ended_ms)


class Windows:
    """All windows of one ledger, and every board's presses: three close together are real."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong
        self.all: dict[int, Window] = {}
        self.boot_row = 0  # the first row since the machine was started last
        self.presses: dict[str, list[tuple[int, int]]] = {}  # board -> when red was pressed

    def row(self, number: int, steady: int, kind: str, body: dict[str, Any]) -> None:
        if kind == "window_opened":
            for_ms = body["minutes"] * MINUTE_MS
            self.all[number] = Window(number, steady, for_ms, frozenset(body["sites"]))
        elif kind == "window_ended":
            window = self.all[body["window"]]
            early = body["why"] == "time" and steady < window.due_ms
            early = early or (body["why"] == "restarted" and window.number >= self.boot_row)
            if window.ended_ms is not None or early:
                about = f"ledger row {number} ends window {window.number}"
                odd = "before its time" if early else "once more"
                self.wrong("falsely_confirmed", steady, ("window", number), f"{about} {odd}")
            window.ended_ms = window.ended_ms or steady

    def pressed(self, number: int, wall: int, steady: int, body: dict[str, Any]) -> bool:
        """Whether an alarm (ledger row `number`) counts as a drill's, by the word of its row. That
        word is looked at: sure to be in a window, or sure not to be."""
        report, board = body["report"], body["board"]
        age_ms = report["age_ms"]
        from_ms, to_ms = self._when(wall, steady, body)
        inside = self._inside(body["site"], from_ms, to_ms, age_ms)
        real = "was" in report or "about" in report  # offered again, or held in a test
        known = not real and not report["reboots"]
        says = body.get("drill") is not None
        third = self._maybe_third(board, from_ms, to_ms, age_ms)
        self.presses.setdefault(board, []).append((from_ms, to_ms))
        when = f"the press of {board} in ledger row {number}, made {from_ms} to {to_ms} ms,"
        if inside and known and not third and not says:
            self.wrong(
                "falsely_confirmed",
                steady,
                ("drill", number),
                f"{when} was wholly inside a drill window, and is told as actual",
            )
        if says and (inside is False or real):
            odd = "is real" if real else f"was not wholly inside a drill window of {body['site']}"
            self.wrong("silent", steady, ("drill", number), f"{when} {odd}, and is told as drill")
        return says

    def tested(self, wall: int, steady: int, body: dict[str, Any]) -> None:
        """A test's press: of three close together it is one."""
        self.presses.setdefault(body["board"], []).append(self._when(wall, steady, body))

    def _when(self, wall: int, steady: int, body: dict[str, Any]) -> tuple[int, int]:
        offset = wall - steady
        return body["pressed_from"] - offset, body["pressed_to"] - offset

    def _inside(self, site: str, from_ms: int, to_ms: int, age_ms: int) -> bool | None:
        """Wholly inside a window of the site; None: a board's clock leaves it open."""
        doubt_ms = age_ms // 1000 + ROUNDING_MS
        there = self._of(site)
        if any(w.from_ms <= from_ms - doubt_ms and to_ms + doubt_ms <= w.until_ms for w in there):
            return True
        slack = ROUNDING_MS
        if any(w.from_ms <= from_ms + slack and to_ms - slack <= w.until_ms for w in there):
            return None
        return False

    def _of(self, site: str) -> list[Window]:
        """A machine that was started anew cannot place a press in a window of before."""
        return [w for w in self.all.values() if site in w.sites and w.number >= self.boot_row]

    def _maybe_third(self, board: str, from_ms: int, to_ms: int, age_ms: int) -> bool:
        near_ms = THIRD_MS + THIRD_SLACK_MS + age_ms // 100
        before = self.presses.get(board, ())
        near = [
            each for each in before if each[1] >= from_ms - near_ms and each[0] <= to_ms + near_ms
        ]
        return len(near) >= 2

    def open_for(self, site: str, now_ms: int) -> int:
        """How long a drill can still last there, in ms; 0: there is none."""
        there = self._of(site)
        # one that this very batch has ended may still have been told in it
        left = [w.due_ms - now_ms for w in there if w.ended_ms is None or w.ended_ms >= now_ms]
        return max([0, *left])
