"""A process as a board: `micropython boards/unix/main.py FOLDER`, or python3 instead.

FOLDER is the board: board.json (its id, district, links), outbox/ (its flash), input (a FIFO:
its pins), answers/ (what became of the lines read there). Its panel goes to stdout, one JSON
object a line; the process ends when nobody reads it any more. Exit 2: FOLDER is not a board.
"""

import sys

sys.path.insert(0, (sys.argv[0].rpartition("/")[0] or ".") + "/../..")

import asyncio
import json
import os

from boards.unix.board import BOARD
from boards.unix.fifo import Fifo
from boards.unix.inputs import Inputs, Lines
from firmware import mqtt
from firmware.compat import SteadyClock, open_tcp, random_hex, random_unit
from firmware.core import Board
from firmware.flash import Flash
from firmware.kept import Kept
from firmware.outbox import Outbox
from firmware.shell import Shell
from protocol.catalogue import encode
from protocol.compat import dumps
from protocol.topics import board_topic, is_id

FIRMWARE = "unix 1"


class Panel:
    """Lamps, display and buzzer as lines on stdout."""

    def __init__(self, board, one_led):
        self.board = board
        self.one_led = one_led
        self.gone = False  # nobody reads it any more

    def show(self, panel, tones):
        value = {
            "id": self.board,
            "lamps": panel["lamps"],
            "grey": panel["grey"],
            "display": panel["display"],
            "tones": tones,
        }
        if self.one_led:
            value["led"] = panel["led"]
        try:
            sys.stdout.write(dumps(value) + "\n")
            if hasattr(sys.stdout, "flush"):
                sys.stdout.flush()
        except OSError:
            self.gone = True


def read_config(folder):
    """board.json. Raises ValueError with the sentence that says what is wrong with it."""
    path = folder + "/board.json"
    try:
        with open(path, "rb") as file:
            config = json.loads(str(file.read(), "utf-8"))
    except OSError:
        raise ValueError(path + " cannot be read: make the board's folder first") from None
    except ValueError:
        raise ValueError(path + " is not JSON in UTF-8") from None
    for field in ("board", "district"):
        if not is_id(config.get(field)):
            raise ValueError(path + ": " + field + " should be an id such as school-3")
    for link in config.get("links", []):
        for field in ("host", "port", "user", "password"):
            if field not in link:
                raise ValueError(path + ": a link has no " + field)
    return config


def make_folders(folder):
    """Flash, answers and the FIFO, where they are not there yet."""
    there = os.listdir(folder)
    for name in ("outbox", "answers"):
        if name not in there:
            os.mkdir(folder + "/" + name)
    if "input" not in there:
        if hasattr(os, "mkfifo"):
            os.mkfifo(folder + "/input", 0o600)
        elif os.system("mkfifo -m 600 '" + folder.replace("'", "'\\''") + "/input'"):
            raise OSError("mkfifo failed")


def make_shell(folder, config):
    """(shell, inputs) of the board that lives in `folder`."""
    clock = SteadyClock()
    boot = random_hex(16)
    kept = Kept(folder + "/kept.json")
    version, settings = kept.values.get("settings") or (0, {})
    if not version:
        settings = {
            name: config[name] for name in ("covert", "duty_phone", "show_name") if name in config
        }
    outbox = Outbox(Flash(folder + "/outbox"), config.get("flash") or BOARD["flash"])
    setup = {
        "board": config["board"],
        "firmware": FIRMWARE,
        "lamps": config.get("lamps", BOARD["lamps"]),
        "keys": config.get("keys", BOARD["keys"]),
        "conditions": BOARD["conditions"],
        "wrong": kept.values.get("conditions") or (),
        "settings": settings,
        "settings_version": version,
        "torn": outbox.torn,
        "ledger": kept.values.get("birth"),
        "verified_ms": kept.values.get("verified"),
        "phase": None if config.get("links") else "unenrolled",
    }
    board = Board(setup, boot, outbox.replay(boot), random_unit, clock.now_ms())
    names = (config["district"], config["board"])
    will = (board_topic(names[0], names[1], "up", "gone"), encode("gone", {"boot": boot}))
    links = [
        mqtt.Link(
            open_tcp,
            link["host"],
            link["port"],
            (link["user"], link["password"]),
            will,
            board_topic(names[0], names[1], "down", "#"),
            random_unit,
            link.get("keepalive_s", 10),
        )
        for link in config.get("links", [])
    ]
    inputs = Inputs(folder + "/answers", setup["keys"], setup["conditions"])
    panel = Panel(config["board"], setup["lamps"] == 1)
    shell = Shell(board, names[0], clock, links, outbox, kept, panel, inputs.watch)
    inputs.shell = shell
    return shell, inputs


async def live(folder, config):
    shell, inputs = make_shell(folder, config)
    running = asyncio.create_task(shell.run())
    fifo, lines = Fifo(folder + "/input"), Lines()
    reading = asyncio.create_task(read_inputs(fifo, lines, inputs))
    while not (running.done() or reading.done() or shell.panel.gone):
        await asyncio.sleep(0.5)
    for task in (running, reading):
        if task.done():
            await task  # neither ever ends but by an error: let it be seen
        task.cancel()


async def read_inputs(fifo, lines, inputs):
    while True:
        for line in lines.add(await fifo.read()):
            inputs.take(line)


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print("usage: micropython boards/unix/main.py FOLDER", file=sys.stderr)
        print("FOLDER holds board.json; boards/unix/README.md says what else", file=sys.stderr)
        return 2
    folder = sys.argv[1].rstrip("/")
    try:
        config = read_config(folder)
        make_folders(folder)
    except (ValueError, OSError) as error:
        print("the board cannot start: %s" % error, file=sys.stderr)
        return 2
    try:
        asyncio.run(live(folder, config))
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
