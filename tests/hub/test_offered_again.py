"""A board whose flash fails and whose power goes, beside a hub: one press stays one press."""

import errno
import json
from typing import Any

import pytest

from firmware.core import Board
from firmware.outbox import Outbox
from hub.events import Effect, ToBoard
from protocol.compat import dumps
from tests.firmware.faulty_flash import FaultyFlash
from tests.firmware.rig import BOOT
from tests.hub.room import Room

LIMITS = {"block_bytes": 256, "blocks": 4}
SETUP = {"board": "board-a1", "firmware": "test", "lamps": 3, "keys": ("alarm", "confirm")}
LATER = "00000000000000b2"


class Bench:
    """The real core and outbox, wired to a room; nothing is lost between them."""

    def __init__(self, room: Room, flash: FaultyFlash, boot: str) -> None:
        self.room = room
        self.outbox = Outbox(flash, LIMITS)
        self.replayed = self.outbox.replay(boot)
        self.lamps: dict[str, str] = {}
        self.events: list[tuple[Any, ...]] = []
        self.stepping = False
        setup = {**SETUP, "ledger": room.hub.birth}
        self.core = Board(setup, boot, self.replayed, lambda: 0.5, room.ms)
        self.step("link", 0, True)

    def step(self, *event: Any) -> None:
        """One event after the other, as a board's shell does."""
        self.events.append(event)
        if self.stepping:
            return
        self.stepping = True
        while self.events:
            self.perform(self.core.step(self.events.pop(0), self.room.ms))
        self.stepping = False

    def perform(self, effects: list[tuple[Any, ...]]) -> None:
        for effect in effects:
            if effect[0] == "send":
                value = json.loads(effect[3])
                self.hear(self.room.do(self.room.message("board-a1", effect[2], value)))
            elif effect[0] == "panel":
                self.lamps = effect[1]["lamps"]
            elif effect[0] in ("save", "mark"):
                self.write(*effect)

    def write(self, verb: str, name: tuple[str, int], *what: Any) -> None:
        try:
            getattr(self.outbox, verb)(name, *what)
            kept = True
        except OSError:
            kept = False
        if verb == "save":
            self.step("saved", name, kept)

    def hear(self, effects: list[Effect]) -> None:
        for each in effects:
            if isinstance(each, ToBoard) and each.board == "board-a1":
                self.step("heard", 0, each.message, dumps(each.value).encode())

    def press(self) -> None:
        self.step("key", "alarm", True)
        self.pass_ms(100)
        self.step("key", "alarm", False)
        self.pass_ms(100)

    def pass_ms(self, ms: int) -> None:
        self.room.ms += ms
        self.step("wake")


@pytest.mark.parametrize("closed", [False, True])
def test_a_stored_press_whose_mark_failed_is_the_same_press_after_a_power_cut(
    closed: bool,
) -> None:
    room, flash = Room(), FaultyFlash()
    bench = Bench(room, flash, BOOT)
    appends: list[int] = []

    def all_but_the_press(_step: int, kind: str) -> tuple[OSError, int] | None:
        appends.append(1)
        return None if len(appends) == 1 else (OSError(errno.EIO), 0)

    flash.fail = all_but_the_press
    bench.press()
    assert bench.lamps["stored"] == "on" and len(appends) > 1
    if closed:
        room.act("take", room.only()["id"])
        room.act("outcome", room.only()["id"], outcome="real")
        assert room.act("close", room.only()["id"]) == "ok"
    rows = room.ledger_kinds().count("reported")
    room.ms += 1000
    again = Bench(room, FaultyFlash(flash.files), LATER)
    assert [record[2] for record in again.replayed] == ["saved"]  # flash knows of no receipt
    again.pass_ms(6000)
    assert room.ledger_kinds().count("reported") == rows == 1
    assert room.only()["presses"] == 1
    assert again.lamps["stored"] == ("off" if closed else "on")
    assert again.lamps["calling"] == ("blip" if closed else "on")


def test_a_press_that_flash_takes_only_once_the_hub_has_it_is_resumed_after_a_power_cut() -> None:
    room, flash = Room(), FaultyFlash()
    bench = Bench(room, flash, BOOT)
    flash.fail = lambda _step, _kind: (OSError(errno.EIO), 0)
    bench.press()
    flash.fail = None
    assert bench.lamps["stored"] == "on" and not flash.files
    bench.pass_ms(6000)
    again = Bench(room, FaultyFlash(flash.files), LATER)
    assert [record[2] for record in again.replayed] == ["stored"]
    assert room.ledger_kinds().count("reported") == 1 and room.only()["presses"] == 1
