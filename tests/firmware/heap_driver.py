"""A whole board app as a board carries it: compiled, its folder the current one. Presses once,
ends when that is stored.

usage: micropython -X heapsize=N -m heap_driver PORT PASSWORD
"""

import asyncio
import gc
import sys

import protocol.catalogue  # first: while its prose is there it takes 10 KB
from firmware.compat import SteadyClock, open_tcp, random_hex, random_unit
from firmware.core import Board
from firmware.flash import Flash
from firmware.kept import Kept
from firmware.mqtt import Link
from firmware.outbox import Outbox
from firmware.shell import Shell
from protocol.topics import board_topic

gc.collect()
gc.threshold(2048)  # type: ignore[attr-defined]  # often, not only when nothing is left


class Panel:
    """Nothing but the lamps last shown."""

    def __init__(self):
        self.lamps = {}

    def show(self, panel, tones):
        self.lamps = panel["lamps"]


async def main(port, password):
    clock, boot, panel = SteadyClock(), random_hex(16), Panel()
    outbox = Outbox(Flash("flash"))
    setup = {
        "board": "school-3",
        "firmware": "heap",
        "lamps": 3,
        "keys": ("alarm", "confirm", "duress"),
        "settings": None,
        "settings_version": 0,
    }
    board = Board(setup, boot, outbox.replay(boot), random_unit, clock.now_ms())
    gone = board_topic("demo", "school-3", "up", "gone")
    will = gone, protocol.catalogue.encode("gone", {"boot": boot})
    down = board_topic("demo", "school-3", "down", "#")
    link = Link(open_tcp, "127.0.0.1", port, ("school-3", password), will, down, random_unit)
    kept = Kept("kept.json")
    shell = Shell(board, "demo", clock, [link], outbox, kept, panel, lambda effect: None)
    running = asyncio.create_task(shell.run())
    while panel.lamps.get("calling") != "blip":
        await asyncio.sleep(0.05)
    shell.feed(("key", "alarm", True))
    while panel.lamps["stored"] != "on":
        await asyncio.sleep(0.05)
    gc.collect()
    print("stored", gc.mem_alloc())
    running.cancel()


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
