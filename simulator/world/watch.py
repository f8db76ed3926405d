"""Deadlines in the hub's own time: it runs while a hub is up and its disk takes rows."""

from typing import TYPE_CHECKING

from hub.events import ToBoard
from hub.settings import Settings
from simulator.world.checkers import Judge

if TYPE_CHECKING:
    from simulator.world.board import SimulatedBoard

MARGIN_MS = 3_000  # some ticks, and a batch that was tried again
BEAT_MS = 10_000  # a heartbeat of a board that calls, once more, and its answers


class Watch:
    """Knows when a desk last gave a sign of life, and what an untaken press is owed."""

    def __init__(
        self, judge: Judge, settings: Settings, boards: "dict[str, SimulatedBoard]"
    ) -> None:
        self.judge = judge
        self.boards = boards
        self.deaf_ms = settings.presence.desk_s * 1000 + MARGIN_MS
        self.owed = {
            "paged": settings.escalation.page_s * 1000,
            "escalated": settings.escalation.city_s * 1000,
        }
        self.up_ms = 0
        self.signed_ms = 0  # the last sign of a listening desk, or the hub's start
        self.since_ms: dict[int, int] = {}  # row that made an incident untaken -> up_ms
        self.unheard_ms: dict[str, int] = {}  # board -> since when ✕ should beat

    def signed(self) -> None:
        self.signed_ms = self.up_ms

    def nobody(self) -> bool:
        """Surely no desk listens, and the hub has had time to know."""
        return self.up_ms - self.signed_ms > self.deaf_ms

    def tick(self, now_ms: int, worked_ms: int) -> None:
        """`worked_ms`: how much of the time since the last tick the hub could work."""
        self.up_ms += worked_ms
        for (board, kind), first in self.judge.committed.open.items():
            if self.judge.committed.state(board, kind) == "untaken":
                self._owed(now_ms, board, kind, first)

    def _owed(self, now_ms: int, board: str, kind: str, first: int) -> None:
        row, _ = self.judge.committed.since[first]
        waited_ms = self.up_ms - self.since_ms.setdefault(row, self.up_ms)
        unheard_ms = min(waited_ms, self.up_ms - self.signed_ms - self.deaf_ms)
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
        """Something leaves for a board: it must not speak of listeners that are not there."""
        if effect.value.get("listening") and self.nobody():
            silent_s = (self.up_ms - self.signed_ms) / 1000
            self.judge.wrong(
                "falsely_confirmed",
                now_ms,
                ("listening", effect.board),
                f"{effect.board} was told that a desk listens; none has given a sign for"
                f" {silent_s:.0f} s of the hub's time",
            )

    def calm_tick(self, now_ms: int) -> None:
        """Without faults: a lit ■ that nobody listens for has its ✕ within heartbeat time."""
        for name, board in self.boards.items():
            lit = board.on and board.lamps.get("stored") == "on"
            untaken = self.judge.committed.state(name, "alarm") == "untaken"
            if not (lit and untaken and self.nobody()):
                self.unheard_ms.pop(name, None)
                continue
            since_ms = self.unheard_ms.setdefault(name, now_ms)
            if now_ms - since_ms > BEAT_MS and board.lamps["fault"] == "off":
                self.judge.wrong(
                    "silent",
                    now_ms,
                    ("unheard", name),
                    f"{name} shows stored, nobody has been at a listening desk for"
                    f" {(now_ms - since_ms) / 1000:.0f} s, and its lamp does not say so",
                )
