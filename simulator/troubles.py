"""What a visitor may break with one click, and mend with another. What was broken stays so until
it is mended: the supervisor lets it lie, as a night without a technician would."""

import asyncio
import signal
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from simulator.fingers import Change, NoAnswer, NoSuchKey, move
from simulator.lines import Line
from simulator.street_page import Wall

FREEZE_S = 10.0
BATTERY_S = 5.0  # of the street's switch; the boards tell of their mains after 2 s


class Process(Protocol):
    """A child of the demo: see `hub/children.py`."""

    held: bool

    def signal(self, number: signal.Signals) -> None: ...

    def state(self) -> str: ...


class Part(NamedTuple):
    """A board as the demo has it: its place on the wall, its process, its cable."""

    wall: Wall
    process: Process
    line: Line


class OnRecord(NamedTuple):
    """What the ledger has: the open drill window's number, or 0, and whether a desk listens."""

    drill: int
    listening: bool


class Troubles:
    """`told` is called after each change. `parts`: board -> Part."""

    def __init__(
        self,
        parts: Mapping[str, Part],
        hub: Process,
        mosquitto: Process,
        on_record: Callable[[], OnRecord],
        told: Callable[[], None],
    ) -> None:
        self.parts = parts
        self.hub = hub
        self.mosquitto = mosquitto
        self.on_record = on_record
        self.told = told
        self.dark: list[str] = []  # streets without mains
        self.timers: dict[str, asyncio.TimerHandle] = {}
        self.moving: set[asyncio.Task[None]] = set()
        # what a button says -> what it does, and the kind of thing that it does it to
        self.verbs: dict[str, tuple[str, Callable[[str], None]]] = {
            "pull": ("board", lambda board: self.parts[board].line.pull()),
            "plug": ("board", self._plug),
            "cut": ("board", lambda board: _kill(self.parts[board].process)),
            "power": ("board", lambda board: _let_go(self.parts[board].process)),
            "kill_hub": ("", lambda _: _kill(self.hub)),
            "start_hub": ("", lambda _: _let_go(self.hub)),
            "freeze_broker": ("", self._freeze),
            "thaw_broker": ("", self._thaw),
            "black_out": ("street", self._black_out),
            "light": ("street", self._light),
        }

    def streets(self) -> list[str]:
        return list(dict.fromkeys(part.wall.street for part in self.parts.values()))

    def do(self, verb: str, about: str) -> bool:
        """-> False when there is no such button, board or street."""
        kind, work = self.verbs.get(verb, ("", None))
        known = {"board": self.parts, "street": self.streets(), "": ("",)}
        if work is None or about not in known[kind]:
            return False
        work(about)
        self.told()
        return True

    def state(self) -> dict[str, Any]:
        """What is broken now by a visitor's hand, and what is on record of drill and desk."""
        return {
            "pulled": [board for board, part in self.parts.items() if not part.line.plugged],
            "cut": [board for board, part in self.parts.items() if part.process.held],
            "hub": "killed" if self.hub.held else "",
            "broker": "frozen" if "broker" in self.timers else "",
            "dark": self.dark,
            **self.on_record()._asdict(),
        }

    def close(self) -> None:
        """No timer and no finger moves any more."""
        for timer in self.timers.values():
            timer.cancel()
        for task in self.moving:
            task.cancel()

    # --- one button each -----------------------------------------------------------------

    def _plug(self, board: str) -> None:
        # a switch without power carries nothing
        if self.parts[board].wall.street not in self.dark:
            self.parts[board].line.plug()

    def _freeze(self, _about: str) -> None:
        self._end_timer("broker")
        self.mosquitto.signal(signal.SIGSTOP)
        loop = asyncio.get_running_loop()
        self.timers["broker"] = loop.call_later(FREEZE_S, lambda: self.do("thaw_broker", ""))

    def _thaw(self, _about: str) -> None:
        self._end_timer("broker")
        self.mosquitto.signal(signal.SIGCONT)

    def _black_out(self, street: str) -> None:
        """The mains fail, which boards on battery still say; then the street's switch is empty."""
        if street in self.dark:
            return
        self.dark = [*self.dark, street]
        self._mains(street, lost=True)
        loop = asyncio.get_running_loop()
        self.timers[street] = loop.call_later(BATTERY_S, self._pull_street, street)

    def _pull_street(self, street: str) -> None:
        self._end_timer(street)
        for part in self._of(street):
            part.line.pull()
        self.told()

    def _light(self, street: str) -> None:
        self._end_timer(street)
        self.dark = [each for each in self.dark if each != street]
        for part in self._of(street):
            part.line.plug()
        self._mains(street, lost=False)

    def _of(self, street: str) -> list[Part]:
        return [part for part in self.parts.values() if part.wall.street == street]

    def _end_timer(self, name: str) -> None:
        timer = self.timers.pop(name, None)
        if timer:
            timer.cancel()

    def _mains(self, street: str, lost: bool) -> None:
        """Each board's own input, moved beside everything else that goes on."""
        for part in self._of(street):
            task = asyncio.create_task(asyncio.to_thread(_move, part.wall, lost))
            self.moving.add(task)
            task.add_done_callback(self.moving.discard)


def _move(wall: Wall, lost: bool) -> None:
    try:
        move(wall.folder, Change("mains", lost))
    except (NoAnswer, NoSuchKey):
        return  # a board that is off, or one that does not watch its mains


def _kill(process: Process) -> None:
    """kill -9, and nobody starts it again."""
    process.held = True
    process.signal(signal.SIGKILL)


def _let_go(process: Process) -> None:
    process.held = False
