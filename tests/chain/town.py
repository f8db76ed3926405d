"""A duty room and some boards as real processes, with our proxy between them; and its judge.

The judge reads what the boards' own flash and the ledger's export say, and what went over the
line. It parses both by itself and asks no counter of the product.
"""

import json
import os
import signal
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest

from hub import broker, debian, enrol
from hub.folder import Folder
from hub.registry import Registry
from tests.chain.proxy import Proxy

ROOT = Path(__file__).resolve().parents[2]
DISTRICT = "town"
CONFIRMED = ("stored", "taken", "closed")
MARK = b"m"  # a record in a board's flash that says what became of another
PRESSES = b"AHDWT"  # kinds of records in a board's flash that a finger made
T = TypeVar("T")


def until(condition: Callable[[], T], seconds: float = 10.0) -> T:
    """What the condition gave once it is true; the test fails when it never is."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"nothing within {seconds} s"
        time.sleep(0.02)
    return value


def command(*arguments: str) -> list[str]:
    """The hub's command line, as `./qianshao` would run it."""
    return [sys.executable, "-m", "hub", *arguments]


def environment() -> dict[str, str]:
    """In English, with this checkout's modules and no others'."""
    return {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}


class Process:
    """One process and how to hurt it. `panels`: (seconds since 1970, line) of a board."""

    def __init__(self, argv: Sequence[str], log: Path, panel: bool = False) -> None:
        self.argv = list(argv)
        self.log = log
        self.panel = panel
        self.panels: list[tuple[float, dict[str, Any]]] = []
        self.process: subprocess.Popen[bytes] | None = None
        self.reader: threading.Thread | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if self.panel else log,
                stderr=log,
                cwd=ROOT,
                env=environment(),
            )
        if self.panel:
            self.reader = threading.Thread(target=self._read, args=(self.process,))
            self.reader.start()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout
        with process.stdout:
            for line in process.stdout:
                if line.endswith(b"\n"):  # a killed board may not finish its line
                    self.panels.append((time.time(), json.loads(line)))

    def signal(self, number: signal.Signals) -> None:
        assert self.process and self.process.poll() is None, self.log.read_text()
        self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9; it is gone when this returns."""
        if self.process:
            self.process.kill()
            self.process.wait()
        if self.reader:
            self.reader.join()

    def pid(self) -> int:
        assert self.process and self.process.poll() is None, self.log.read_text()
        return self.process.pid


class Press(NamedTuple):
    """A finger's order to a board's process: taken, and at what time."""

    board: str
    token: str
    at: float


class Town:
    """`boards` run as processes behind `proxy`; `others` are enrolled for the test's own use.

    `toml`: further lines of qianshao.toml. Skips the test where there is no Mosquitto.
    """

    def __init__(
        self, path: Path, boards: Sequence[str], others: Sequence[str] = (), toml: str = ""
    ) -> None:
        self.folder = Folder(path)
        self.folder.create(DISTRICT, "小镇值班室")
        self.folder.toml.write_text(self.folder.toml.read_text() + toml)
        self.settings = self.folder.settings()
        self.registry = Registry(self.folder.registry)
        enrol.put_site(self.registry, {"id": "school", "name": "小镇小学", "street": "东街"})
        for board in (*boards, *others):
            enrol.put_board(self.registry, {"id": board, "site": "school", "simulated": True})
        self.ports = self.folder.ports({"web": 0, "mqtt": 0, "board": 0})
        self.proxy = Proxy(self.ports["board"])
        self.processes: dict[str, Process] = {}
        self.count = 0
        try:
            self._lay(boards)
            for name in self.processes:
                self.processes[name].start()
            until(lambda: self.processes["hub"].pid() and self.hub_answers(), 30)
            for board in boards:
                until(lambda board=board: self.ask(board, do="ping"))  # type: ignore[misc]
        except BaseException:
            self.stop()
            raise

    def _lay(self, boards: Sequence[str]) -> None:
        try:
            broker_command = broker.command(self.write_broker_files())
        except debian.Missing as missing:
            pytest.skip(str(missing))
        path = self.folder.path
        serve = command("hub", "--data", str(path), "--broker", "external")
        self.processes["broker"] = Process(broker_command, path / "mosquitto.log")
        self.processes["hub"] = Process(serve, path / "hub.log")
        for facts in self.registry.facts():
            if facts["id"] in boards:
                enrol.write_board_file(
                    self.folder, self.settings, facts, self.proxy.port, facts["covert"]
                )
                home = self.folder.boards / facts["id"]
                argv = [*interpreter(), str(ROOT / "boards/unix/main.py"), str(home)]
                self.processes[facts["id"]] = Process(argv, home / "log", panel=True)
        self.boards = list(boards)

    def write_broker_files(self) -> Path:
        ports = broker.Ports(self.ports["board"], self.ports["mqtt"])
        return broker.write_files(self.folder, self.settings, self.registry, ports)

    def __enter__(self) -> "Town":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill()
        self.proxy.stop()

    # --- what is done to it -----------------------------------------------------------------

    def kill(self, name: str) -> None:
        """kill -9 of `broker`, `hub` or a board; whoever watches over it starts it again."""
        self.processes[name].kill()
        self.processes[name].start()

    def freeze(self, name: str, seconds: float) -> None:
        """SIGSTOP, and SIGCONT after so long."""
        self.processes[name].signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.processes[name].signal(signal.SIGCONT)

    def ask(self, board: str, **line: Any) -> str:
        """Write one line to the board's input. -> its token, '' when it is not taken."""
        self.count += 1
        token = f"t{self.count}"
        home = self.folder.boards / board
        line = {**line, "token": token, "expires_ms": int(time.time() * 1000) + 2000}
        accepted = home / "answers" / f"{token}.accepted"
        try:
            handle = os.open(home / "input", os.O_WRONLY | os.O_NONBLOCK)
            with os.fdopen(handle, "wb", buffering=0) as fifo:
                fifo.write(json.dumps(line).encode() + b"\n")
            until(accepted.exists, 2)
        except (OSError, AssertionError):
            return ""
        return token

    def press(self, board: str, **line: Any) -> Press:
        """One stroke, taken by the board's process."""
        token = until(lambda: self.ask(board, **{"do": "press", "key": "alarm", **line}))
        return Press(board, token, time.time())

    def saved(self, press: Press, seconds: float = 5.0) -> list[str]:
        """The reports (`boot:number`) that the board says it has in flash for that press."""
        path = self.folder.boards / press.board / "answers" / press.token
        until(path.exists, seconds)
        names: list[str] = json.loads(path.read_text())["saved"]
        return names

    # --- what it says -----------------------------------------------------------------------

    def hub_answers(self) -> bool:
        """Whether the hub serves pages: it has opened the ledger and runs."""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.ports['web']}/login", timeout=2)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def feed(self, topic: str = "alarm") -> list[dict[str, Any]]:
        """Every event of that feed, as the city refills it."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports['web']}/api/city/events?feed={topic}&limit=10000",
            headers={"Authorization": f"Bearer {self.folder.secret('city token')}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            events: list[dict[str, Any]] = json.load(answer)
            return events

    def panel(self, board: str) -> dict[str, Any]:
        """What the board shows now."""
        return self.processes[board].panels[-1][1]

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        """The bodies of all committed rows of that kind, read beside the running hub."""
        db = sqlite3.connect(f"{self.folder.ledger.as_uri()}?mode=ro", uri=True)
        try:
            rows = db.execute("SELECT body FROM ledger WHERE kind = ? ORDER BY number", (kind,))
            return [json.loads(body) for (body,) in rows]
        finally:
            db.close()

    def stored(self) -> set[tuple[str, str]]:
        """(board, press) of every report in the ledger."""
        bodies = self.ledger("reported")
        return {(b["board"], f"{b['report']['boot']}:{b['report']['number']}") for b in bodies}

    def told(self, board: str, press: str) -> bool:
        """Whether the board has been told that the press is stored."""
        return any(
            each.passed and each.state in CONFIRMED
            for each in self.proxy.told
            if (each.board, each.press) == (board, press)
        )

    def journal(self, board: str) -> dict[str, bytes]:
        """press -> kind (A alarm, H hold, ..) of every whole record in the board's flash."""
        found = records(self.folder.boards / board / "outbox")
        return {name: kind for name, kind, _ in found if kind != MARK}

    def pressed(self) -> set[tuple[str, str]]:
        """(board, press) of everything a finger made that is in some board's flash."""
        return {
            (board, name)
            for board in self.boards
            for name, kind in self.journal(board).items()
            if kind in PRESSES
        }


def interpreter() -> list[str]:
    """MicroPython, or this Python where there is none."""
    try:
        return list(debian.micropython().argv_prefix)
    except debian.Missing:
        return [sys.executable]


def records(outbox: Path) -> list[tuple[str, bytes, bytes]]:
    """(boot:number, kind, state) of whole records, marks (kind m) among them, oldest first.

    The format is told in `firmware/outbox.py`: magic A7, length, crc32, kind, state, boot, number.
    """
    found = []
    for path in sorted(outbox.glob("*.box")):
        data, at = path.read_bytes(), 0
        while (at := data.find(b"\xa7", at)) >= 0 and at + 21 <= len(data):
            length, crc = struct.unpack_from(">HI", data, at + 1)
            body = data[at + 7 : at + 7 + length]
            if length < 14 or len(body) < length or zlib.crc32(body) != crc:
                at += 1
                continue
            number = int.from_bytes(body[10:14], "big")
            found.append((f"{body[2:10].hex()}:{number}", body[:1], body[1:2]))
            at += 7 + length
    return found


class Verdict(NamedTuple):
    """What flash, line and ledger say together. The lists name (board, press)."""

    pressed: int
    stored: int
    lost: list[tuple[str, str]]
    doubled: list[tuple[str, str]]
    falsely_confirmed: list[tuple[str, str]]

    def line(self) -> str:
        return (
            f"pressed={self.pressed} stored={self.stored} lost={len(self.lost)}"
            f" doubled={len(self.doubled)} falsely_confirmed={len(self.falsely_confirmed)}"
        )

    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.falsely_confirmed)


def judge(town: Town) -> Verdict:
    """Flash of every board and the line's record against the ledger's export.

    Lost: in flash, or ever confirmed, and without a row. Doubled: more rows than one. Falsely
    confirmed: a receipt or state came from the broker, or a lamp was lit, before the wall time of
    the row that backs it, or without one.
    """
    export = subprocess.run(
        command("ledger", "export", "--data", str(town.folder.path)),
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
        cwd=ROOT,
    )
    rows: Counter[tuple[str, str]] = Counter()
    wall: dict[tuple[str, str], int] = {}
    first_alarm: dict[str, int] = {}
    for line in export.stdout.splitlines():
        row = json.loads(line)
        if row["kind"] in ("reported", "unprocessed"):
            report = row["body"]["report"]
            name = (row["body"]["board"], f"{report['boot']}:{report['number']}")
            rows[name] += 1
            wall.setdefault(name, row["wall"])
            if report.get("kind") in ("alarm", "test"):
                first_alarm.setdefault(name[0], row["wall"])
    pressed = town.pressed()
    confirmed = [each for each in town.proxy.told if each.state in CONFIRMED]
    false = {
        (each.board, each.press)
        for each in confirmed
        if wall.get((each.board, each.press), 1 << 62) > each.said * 1000
    }
    for board in town.boards:
        marks = records(town.folder.boards / board / "outbox")
        false |= {(board, n) for n, _, state in marks if state in b"sc" and (board, n) not in rows}
        false |= {
            (board, f"lamp at {at}")
            for at, panel in town.processes[board].panels
            if panel["lamps"]["stored"] == "on" and first_alarm.get(board, 1 << 62) > at * 1000
        }
    lost = {name for name in pressed if name not in rows}
    lost |= {(e.board, e.press) for e in confirmed if (e.board, e.press) not in rows}
    doubled = [name for name, count in rows.items() if count > 1]
    stored = len(pressed & rows.keys())
    return Verdict(len(pressed), stored, sorted(lost), sorted(doubled), sorted(false))
