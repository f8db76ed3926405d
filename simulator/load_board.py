"""A board in this process over a real socket: the real core, shell, outbox and link; its flash is
memory, and everything it feels, keeps, hears and shows goes to a journal."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

from firmware.compat import SteadyClock, open_tcp, random_hex
from firmware.core import Board
from firmware.mqtt import Link
from firmware.outbox import Outbox
from firmware.shell import Shell
from protocol.catalogue import encode
from protocol.topics import board_topic
from simulator.world.committed import Name
from simulator.world.flash import FakeFlash

if TYPE_CHECKING:
    from firmware.core import Effect, Event

SETUP = {"firmware": "load", "lamps": 3, "keys": ["alarm", "confirm", "duress"]}
DOWN_S, APART_S = 0.12, 0.12  # a finger on the key, and off it
Open = Callable[[str, int], Awaitable[tuple[Any, Any]]]


class Journal(Protocol):
    """What is told of a board: facts, no opinions."""

    def felt(self, board: "LoadBoard", name: Name, kind: str) -> None:
        """A key became a report. A report that flash is offered once more is told again."""

    def saved(self, name: Name) -> None:
        """Flash holds it."""

    def heard(self, name: Name, state: str) -> None:
        """The hub said this of it."""

    def shows(self, board: "LoadBoard") -> None:
        """Its lamps have changed."""


class Watched(Board):
    """The core, with a journal at its only entrance."""

    def __init__(self, board: "LoadBoard", jitter: Callable[[], float], now_ms: int) -> None:
        super().__init__({**SETUP, "board": board.name}, board.boot, (), jitter, now_ms)
        self.watcher = board

    def step(self, event: "Event", now_ms: int) -> "list[Effect]":
        effects = super().step(event, now_ms)
        self.watcher.watch(event, effects)
        return effects


class LoadBoard:
    """One board. `login`: host, port, password; `lamps`: as they are now."""

    def __init__(
        self, name: str, district: str, login: tuple[str, int, str], journal: Journal
    ) -> None:
        self.name = name
        self.journal = journal
        self.boot = random_hex(16)
        self.lamps: dict[str, str] = {}
        self.fingers = asyncio.Lock()
        host, port, password = login
        clock = SteadyClock()
        jitter = random.random
        open_link: Open = open_tcp
        self.link = Link(
            open_link,
            host,
            port,
            (name, password),
            (board_topic(district, name, "up", "gone"), encode("gone", {"boot": self.boot})),
            board_topic(district, name, "down", "#"),
            jitter,
        )
        self.shell = Shell(
            Watched(self, jitter, clock.now_ms()),
            district,
            clock,
            [self.link],
            Outbox(FakeFlash(random.Random(name))),
            self,
            self,
            lambda effect: None,
        )

    async def run(self) -> None:
        """Until cancelled."""
        await self.shell.run()

    async def press(self) -> None:
        """A finger on the red key, once it is off it again."""
        async with self.fingers:
            self.shell.feed(("key", "alarm", True))
            await asyncio.sleep(DOWN_S)
            self.shell.feed(("key", "alarm", False))
            await asyncio.sleep(APART_S)

    def keep(self, name: str, value: Any) -> None:
        """Values that outlive a start: this board has one life."""

    def show(self, panel: dict[str, Any], tones: list[str]) -> None:
        """The panel, drawn: what it is to show was told to the journal by the step already."""

    def watch(self, event: "Event", effects: "list[Effect]") -> None:
        """One step of the core."""
        if event[0] == "heard":
            for name, state in said(self.name, event[2], json.loads(event[3])):
                self.journal.heard(name, state)
        elif event[0] == "saved" and event[2]:
            self.journal.saved((self.name, *event[1]))
        for effect in effects:
            if effect[0] == "save":
                self.journal.felt(self, (self.name, *effect[1]), effect[2])
            elif effect[0] == "panel":
                self.lamps = dict(effect[1]["lamps"])
                self.journal.shows(self)


def said(board: str, message: str, value: dict[str, Any]) -> list[tuple[Name, str]]:
    """(name, state) of every report that a message to a board speaks of."""
    if message == "receipt":
        return [((board, value["boot"], value["number"]), value["answer"])]
    if message == "state":
        found = [(each["press"].partition(":"), each["state"]) for each in value["presses"]]
        return [((board, boot, int(number)), state) for (boot, _, number), state in found]
    return []
