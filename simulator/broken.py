"""Products that are broken on purpose, each by a patch of a few lines on hub or board.

They stay here for ever: the checkers must find every one of them, and cannot know them.
"""

import hashlib
from collections.abc import Callable, Iterator

from hub import core, intake
from hub.events import Arrived, Effect, Event, Now, ToBoard
from hub.rooms import ROOMS
from protocol import catalogue
from simulator.world.board import SimulatedBoard
from simulator.world.world import Variant


def _answer_at_once(
    hub: core.Hub, events: list[Event], now: Now, deliver: Callable[[Effect], None]
) -> list[Event]:
    """Receipts leave while the transaction is still open."""

    def early(event: Event, at: Now) -> Iterator[Effect]:
        for effect in core.Hub.step(hub, event, at):
            if isinstance(effect, ToBoard):
                deliver(effect)
            yield effect

    hub.step = early  # type: ignore[method-assign, assignment]
    late = lambda effect: None if isinstance(effect, ToBoard) else deliver(effect)  # noqa: E731
    return core.run_batch(hub, events, now, late)


def _forget_names(hub: core.Hub, event: Arrived, now: Now) -> Iterator[Effect]:
    """Every report looks new."""
    value, _ = catalogue.decode("report", event.payload)
    if event.message == "report" and value:
        name = (event.board, value["boot"], value["number"])
        hub.db.execute("DELETE FROM reports WHERE board=? AND boot=? AND number=?", name)
    yield from intake.arrived(hub, event, now)


def _say_taken_once(hub: core.Hub, event: Arrived, now: Now) -> Iterator[Effect]:
    """A board that asks hears `stored`; only the unasked message said `taken`, once."""
    for effect in intake.arrived(hub, event, now):
        if isinstance(effect, ToBoard) and effect.message == "state":
            for press in effect.value["presses"]:
                press["state"] = press["state"].replace("taken", "stored")
        yield effect


def _same_boot(board: SimulatedBoard) -> str:
    """The boot is the board's own for ever, and numbers begin at 1 again."""
    return hashlib.sha256(board.name.encode()).hexdigest()[:16]


BROKEN = {
    "ack-before-commit": Variant("ack-before-commit", run_batch=_answer_at_once),
    "no-dedup": Variant(
        "no-dedup", rooms=ROOMS._replace(handlers={**ROOMS.handlers, Arrived: _forget_names})
    ),
    "reuse-number": Variant("reuse-number", boot_of=_same_boot),
    "lose-taken": Variant(
        "lose-taken", rooms=ROOMS._replace(handlers={**ROOMS.handlers, Arrived: _say_taken_once})
    ),
}
