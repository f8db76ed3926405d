"""A simulated board: the real core and outbox, with its power, flash and links in our hands."""

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from firmware.core import Board
from firmware.outbox import Outbox
from simulator.world.flash import FakeFlash


class Surroundings(Protocol):
    """What a board's shell asks of the world."""

    def at(self, delay_ms: int, call: Callable[[], None]) -> None: ...

    def now_ms(self) -> int: ...

    def send(self, board: "SimulatedBoard", path: int, message: str, payload: bytes) -> None: ...

    def observe(self, board: "SimulatedBoard", effect: tuple[Any, ...]) -> None: ...


OUTBOX_LIMITS = {"block_bytes": 1024, "blocks": 12}  # tiny, so that its edges are met in a minute


class SimulatedBoard:
    """One board through all its lives. `life` counts starts; whatever was under way in an ended
    life never happens."""

    def __init__(
        self,
        name: str,
        world: Surroundings,
        rng: random.Random,
        paths: int,
        keys: Sequence[str],
        boot_of: Callable[["SimulatedBoard"], str],
    ) -> None:
        self.name = name
        self.world = world
        self.rng = rng
        self.paths = paths
        self.keys = keys
        self.boot_of = boot_of
        self.flash = FakeFlash(rng)
        self.life = 0
        self.on = False
        self.boot = ""
        self.started_ms = 0
        self.links = [False] * paths
        self.lamps: dict[str, str] = {}
        self.display = ""
        self.kept: dict[str, Any] = {}
        self.wake_ms: int | None = None
        self.write_fault: Callable[[], str] = lambda: ""

    def start(self) -> None:
        """Power on: the outbox is replayed, the core begins a new boot."""
        self.life += 1
        self.on = True
        self.boot = self.boot_of(self)
        self.started_ms = self.world.now_ms()
        self.wake_ms = None
        self.outbox = Outbox(self.flash, OUTBOX_LIMITS)
        presses = self.outbox.replay(self.boot)
        self.world.observe(self, ("replayed", presses))
        setup = {
            "board": self.name,
            "firmware": "simulated",
            "lamps": 3,
            "keys": self.keys,
            "settings": self.kept.get("settings"),
            "settings_version": self.kept.get("settings_version", 0),
            "ledger": self.kept.get("ledger"),
            "torn": self.outbox.torn,
        }
        self.core = Board(setup, self.boot, presses, self.rng.random, 0)
        self.step(("wake",))

    def cut(self) -> None:
        """Power off at this instant."""
        self.on = False
        self.life += 1
        self.flash.cut()
        self.links = [False] * self.paths
        self.lamps = {}

    def alive(self, life: int) -> bool:
        return self.on and self.life == life

    def step(self, event: tuple[Any, ...]) -> None:
        """One event into the core, its effects into the world."""
        if not self.on:
            return
        now = self.world.now_ms() - self.started_ms
        self._perform(self.core.step(event, now))

    def link(self, path: int, up: bool) -> None:
        if self.on and self.links[path] != up:
            self.links[path] = up
            self.step(("link", path, up))

    def press(self, key: str, hold_ms: int) -> None:
        """The key's contact closes now and opens after `hold_ms`."""
        life = self.life
        self.world.observe(self, ("contact", key, True))
        self.step(("key", key, True))

        def release() -> None:
            if self.alive(life):
                self.world.observe(self, ("contact", key, False))
                self.step(("key", key, False))

        self.world.at(hold_ms, release)

    def _perform(self, effects: Iterable[tuple[Any, ...]]) -> None:
        for effect in effects:
            verb = effect[0]
            if verb == "save":
                self._save(effect)
            elif verb == "mark":
                self._mark(effect[1], effect[2])
            elif verb == "recall":
                self._soon(1, ("recalled", *self.outbox.recall(effect[1], self.boot)))
            elif verb == "birth":
                self.kept["ledger"] = effect[1]
            elif verb == "settings":
                self.kept["settings_version"], self.kept["settings"] = effect[1], effect[2]
            elif verb == "send" and self.links[effect[1]]:
                self.world.send(self, effect[1], effect[2], effect[3])
            elif verb == "panel":
                self.lamps = dict(effect[1]["lamps"])
                self.display = effect[1]["display"]
            elif verb == "wake":
                self._wake_at(effect[1])
            self.world.observe(self, effect)

    def _save(self, effect: tuple[Any, ...]) -> None:
        """The outbox writes now; the bytes are safe, and the core told, a moment later."""
        _, name, kind, payload = effect
        ok = self._written(lambda: self.outbox.save(name, kind, payload))
        life = self.life

        def done() -> None:
            if self.alive(life):
                if ok:
                    self.flash.sync()
                self.world.observe(self, ("flash", name, ok))
                self.step(("saved", name, ok))

        self.world.at(self.rng.randint(2, 60), done)

    def _mark(self, name: tuple[str, int], state: str) -> None:
        if not self._written(lambda: self.outbox.mark(name, state)):
            return
        life = self.life

        def done() -> None:
            if self.alive(life):
                self.flash.sync()
                self.world.observe(self, ("marked", name, state))

        self.world.at(self.rng.randint(2, 60), done)

    def _written(self, write: Callable[[], None]) -> bool:
        """Whether the flash took it; it may be failing just now."""
        self.flash.failing = self.write_fault()
        try:
            write()
        except OSError:
            return False
        finally:
            self.flash.failing = ""
        return True

    def _soon(self, delay_ms: int, event: tuple[Any, ...]) -> None:
        life = self.life

        def later() -> None:
            if self.alive(life):
                self.world.observe(self, event)
                self.step(event)

        self.world.at(delay_ms, later)

    def _wake_at(self, at_ms: int) -> None:
        """One alarm clock: the last asked for counts."""
        due = self.started_ms + at_ms
        self.wake_ms = due
        life = self.life

        def wake() -> None:
            if self.alive(life) and self.wake_ms == due:
                self.wake_ms = None
                self.step(("wake",))

        self.world.at(max(0, due - self.world.now_ms()), wake)
