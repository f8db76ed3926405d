"""Deadlines in the hub's own time: it runs while a hub is up and its disk takes rows."""

from typing import TYPE_CHECKING

from hub.events import ToBoard
from hub.settings import Settings
from simulator.world.checkers import BATCH_MS, Judge
from simulator.world.reach import Reach
from simulator.world.town import Town

if TYPE_CHECKING:
    from simulator.world.board import SimulatedBoard

MARGIN_MS = 3_000  # some ticks, and a batch that was tried again
BEAT_MS = 10_000  # a heartbeat of a board that calls, once more, and its answers


class Watch:
    """Knows when a desk last gave a sign of life, and what an untaken press is owed."""

    def __init__(
        self, judge: Judge, settings: Settings, town: Town, boards: "dict[str, SimulatedBoard]"
    ) -> None:
        self.judge = judge
        self.town = town
        self.boards = boards
        self.deaf_ms = settings.presence.desk_s * 1000 + MARGIN_MS
        self.owed = {
            "paged": settings.escalation.page_s * 1000,
            "escalated": settings.escalation.city_s * 1000,
        }
        self.reach = Reach(judge, town, MARGIN_MS)
        self.wall = 0
        self.up_ms = 0
        self.signed_ms = {"": 0}  # street -> the last sign of a desk that listens for it
        self.due_ms: dict[tuple[str, int], int] = {}  # what is to end by now -> since up_ms
        self.since_ms: dict[int, int] = {}  # row that made an incident untaken -> up_ms
        self.unheard_ms: dict[str, int] = {}  # board -> since when ✕ should beat
        self.misread_ms: dict[str, int] = {}  # board -> since when 演练 stands there wrongly

    def signed(self, street: str = "") -> None:
        """A desk gave a sign; "": for all streets, also the hub's start."""
        self.signed_ms[street] = self.up_ms

    def _silent_ms(self, board: str, kind: str = "alarm") -> int:
        """For how long no desk has listened for such a call from there, in the hub's time. Duress
        of a street's own duty room shows on no page of that street."""
        place = self.town.places[board]
        signs = [self.signed_ms[""]]
        if not (kind == "duress" and place.office):
            signs.append(self.signed_ms.get(place.street, 0))
        return self.up_ms - max(signs)

    def nobody(self, board: str) -> bool:
        """Surely no desk listens for it, and the hub has had time to know."""
        return self._silent_ms(board) > self.deaf_ms

    def tick(self, now_ms: int, wall: int, worked_ms: int) -> None:
        """`worked_ms`: how much of the time since the last tick the hub could work."""
        self.up_ms += worked_ms
        self.wall = wall
        for (board, kind), first in self.judge.committed.open.items():
            if kind != "abnormal" and self.judge.committed.state(board, kind) == "untaken":
                self._owed(now_ms, board, kind, first)
        for window in self.judge.committed.windows.all.values():
            if window.ended_ms is None and now_ms >= window.due_ms:
                self._owed_end(now_ms, "drill window", window.number)
        for ask in self.judge.committed.asks.all.values():
            if ask.ended is None and (now_ms >= ask.due_ms or not ask.missing()):
                self._owed_end(now_ms, "ask", ask.number)
        for street in self.town.streets():
            signed_ms = max(self.signed_ms[""], self.signed_ms.get(street, 0))
            deaf = self.up_ms - signed_ms > self.deaf_ms
            self.reach.look(now_ms, self.up_ms, wall, street, deaf)

    def _owed_end(self, now_ms: int, what: str, number: int) -> None:
        """It has had its time: its end is a row of its own."""
        since_ms = self.due_ms.setdefault((what, number), self.up_ms)
        if self.up_ms - since_ms > MARGIN_MS:
            about = f"the {what} of ledger row {number} should have ended"
            late_s = (self.up_ms - since_ms) / 1000
            sentence = f"{about} {late_s:.0f} s of the hub's time ago"
            self.judge.wrong("silent", now_ms, ("end", number), sentence)

    def _owed(self, now_ms: int, board: str, kind: str, first: int) -> None:
        row, _ = self.judge.committed.since[first]
        waited_ms = self.up_ms - self.since_ms.setdefault(row, self.up_ms)
        unheard_ms = min(waited_ms, self._silent_ms(board, kind) - self.deaf_ms)
        if kind != "drill" and (
            waited_ms > self.owed["paged"] + MARGIN_MS or unheard_ms > MARGIN_MS
        ):
            why = "nobody listening" if unheard_ms > MARGIN_MS else "untaken"
            self.reach.owed(now_ms, self.up_ms, self.wall, first, why)
        for step, most_ms in self.owed.items():
            if self.judge.committed.passed.get((first, step), 0) > row:
                continue
            if waited_ms > most_ms + MARGIN_MS or unheard_ms > MARGIN_MS:
                why = "nobody at a listening desk" if unheard_ms > MARGIN_MS else "nobody took it"
                self.judge.wrong(
                    "silent",
                    now_ms,
                    (step, row),
                    f"the {kind} of {board} in ledger row {row} has waited {waited_ms / 1000:.0f}"
                    f" s of the hub's time, {why}, and it was not {step}",
                )

    def told(self, effect: ToBoard, now_ms: int) -> None:
        """Something leaves for a board: it must not speak of listeners or drills that are not."""
        if effect.value.get("listening") and self.nobody(effect.board):
            silent_s = self._silent_ms(effect.board) / 1000
            self.judge.wrong(
                "falsely_confirmed",
                now_ms,
                ("listening", effect.board),
                f"{effect.board} was told that a desk listens; none has given a sign for"
                f" {silent_s:.0f} s of the hub's time",
            )
        site = self.town.places[effect.board].site
        self.judge.committed.asks.told(effect.board, site, effect.value, now_ms)
        left_ms = effect.value.get("drill_ms", 0)
        if left_ms and left_ms > self.judge.committed.windows.open_for(site, now_ms) + BATCH_MS:
            self.judge.wrong(
                "silent",
                now_ms,
                ("drill", effect.board),
                f"{effect.board} was told of {left_ms} ms of drill; the ledger has none so long",
            )

    def calm_tick(self, now_ms: int) -> None:
        """Without faults: a lit ■ that nobody listens for has its ✕ within heartbeat time, and
        what a display calls a drill is one."""
        committed = self.judge.committed
        for name, board in self.boards.items():
            lit = board.on and board.lamps.get("stored") == "on"
            untaken = committed.call(name) == "untaken"
            unheard = lit and untaken and self.nobody(name)
            for_ms = _lasts(self.unheard_ms, name, unheard, now_ms)
            if for_ms > BEAT_MS and board.lamps["fault"] == "off":
                self.judge.wrong(
                    "silent",
                    now_ms,
                    ("unheard", name),
                    f"{name} shows stored, nobody has been at a listening desk for"
                    f" {for_ms / 1000:.0f} s, and its lamp does not say so",
                )
            drill = (name, "alarm") not in committed.open
            calls = board.on and committed.call(name) != "none"
            misread = calls and board.display.startswith("演练") != drill
            if _lasts(self.misread_ms, name, misread, now_ms) > BEAT_MS:
                about = f"{name} shows {board.display!r}, and what it calls is"
                sentence = f"{about} {'a drill' if drill else 'none'} in the ledger"
                self.judge.wrong("falsely_confirmed", now_ms, ("drill shown", name), sentence)


def _lasts(since_ms: dict[str, int], name: str, is_so: bool, now_ms: int) -> int:
    """For how many ms it has been so, look by look; 0 when it is not."""
    if not is_so:
        since_ms.pop(name, None)
        return 0
    return now_ms - since_ms.setdefault(name, now_ms)
