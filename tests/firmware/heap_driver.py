"""A whole board app in a given heap: link, outbox, shell; presses once, ends when it is stored.

usage: micropython -X heapsize=N tests/firmware/heap_driver.py FOLDER PORT PASSWORD
"""

import sys

sys.path.insert(0, (sys.argv[0].rpartition("/")[0] or ".") + "/../..")

import asyncio
import gc

__import__("micropython").opt_level(3)  # no line numbers, as in a frozen program
# the largest first: what compiling needs for a moment is free again for the next one
for large in ("protocol.catalogue", "firmware.outbox", "firmware.mqtt", "firmware.core"):
    gc.collect()
    __import__(large)
gc.collect()


class Panel:
    """Nothing but the lamps last shown."""

    def __init__(self):
        self.lamps = {}

    def show(self, panel, tones):
        self.lamps = panel["lamps"]


async def main(folder, port, password):
    from firmware import mqtt
    from firmware.compat import SteadyClock, open_tcp, random_hex, random_unit
    from firmware.core import Board
    from firmware.flash import Flash
    from firmware.kept import Kept
    from firmware.outbox import Outbox
    from firmware.shell import Shell
    from protocol.catalogue import encode
    from protocol.topics import board_topic

    clock, boot, panel = SteadyClock(), random_hex(16), Panel()
    outbox = Outbox(Flash(folder))
    setup = {
        "board": "school-3",
        "firmware": "heap",
        "lamps": 3,
        "keys": ("alarm", "confirm", "duress"),
        "settings": None,
        "settings_version": 0,
    }
    board = Board(setup, boot, outbox.replay(boot), random_unit, clock.now_ms())
    will = board_topic("demo", "school-3", "up", "gone"), encode("gone", {"boot": boot})
    down = board_topic("demo", "school-3", "down", "#")
    link = mqtt.Link(open_tcp, "127.0.0.1", port, ("school-3", password), will, down, random_unit)
    kept = Kept(folder + "/kept.json")
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


asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
