"""`load`: hundreds of boards in real time, over a real broker, against a running hub.

What they say is judged as in the virtual world: the boards' journals against the ledger's rows,
read by rules of our own. Nothing the hub counts is asked.
"""

import argparse
import asyncio
import itertools
import math
import random
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from hub import broker, debian, enrol
from hub.children import Child, Children
from hub.folder import Folder
from hub.registry import Registry
from hub.store import connect_reader
from hub.supervise import on_stop, prepare
from hub.words import Sentence, words
from simulator.load_board import LoadBoard
from simulator.world.checkers import (
    SILENT_GRACE_MS,
    SILENT_MS,
    VERDICTS,
    Judge,
    Press,
)
from simulator.world.committed import Name

DISTRICT = "load"
SITE = {"id": "load-site", "name": "负载试验", "street": "负载试验"}
OWN_SETTINGS = "\n[web]\nport = 0\n"  # beside a hub that has the usual port
MOST_BOARDS = 5000  # one process has so many sockets
STARTS_WITHIN_S = 30.0
JOINS_WITHIN_S = 60.0
JOIN_APART_S = 0.004  # between two boards' first connections
SETTLES_WITHIN_S, STOPS_WITHIN_S = 30.0, 5.0
LOOK_S = 0.2
INTERRUPTED = 130  # before there was anything to judge
KINDS = ("alarm", "duress", "test")


def run(args: argparse.Namespace) -> int:
    """The command. -> 0: nothing is wrong; 1: something is; 2: it cannot run like that."""
    # a socket a board, in this process and in the broker's
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    try:
        with ExitStack() as stack:
            if args.hub is None:
                folder = stack.enter_context(_own_folder())
            else:
                folder = _running_hub(Path(args.hub))
            boards = _enrol(folder, args.boards)
            return asyncio.run(_run(args, folder, boards))
    except (Sentence, debian.Missing) as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, sqlite3.Error) as error:
        print(words(f"负载不能运行：{error}", f"The load cannot be run: {error}"), file=sys.stderr)
        return 2


@contextmanager
def _own_folder() -> Iterator[Folder]:
    """A new data folder for this run alone."""
    path = Path(tempfile.mkdtemp(prefix="qianshao-load-"))
    try:
        folder = Folder(path)
        folder.create(DISTRICT, SITE["name"])
        with folder.toml.open("a", encoding="utf-8") as file:
            file.write(OWN_SETTINGS)
        yield folder
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _running_hub(path: Path) -> Folder:
    """Somebody's hub: it must run, and hold no real board. Raises Sentence."""
    folder = Folder(path)
    settings = folder.settings()
    if Registry(folder.registry).holds_real_board():
        raise Sentence(
            f"{settings.name}（{path}）登记有真实终端：负载只能压在全是模拟终端的值班主机上。",
            f"{settings.name} ({path}) holds a real board: a load may only be put on a hub whose"
            " boards are all simulated.",
        )
    if not _is_locked(folder):
        raise Sentence(
            f"{path} 上没有值班主机在运行：请先启动它，或去掉 --hub。",
            f"No hub runs on {path}: start it first, or leave --hub out.",
        )
    return folder


def _is_locked(folder: Folder) -> bool:
    try:
        folder.lock().close()
    except Sentence:
        return True
    return False


def _enrol(folder: Folder, count: int) -> list[str]:
    """-> the boards' ids. They stay in that folder's registry: its ledger speaks of them."""
    registry = Registry(folder.registry)
    names = [f"load-{number:04d}" for number in range(1, count + 1)]
    enrol.put_site(registry, SITE)
    rows = [{"id": name, "site": SITE["id"], "simulated": True} for name in names]
    enrol.put_boards(registry, rows)
    return names


async def _run(args: argparse.Namespace, folder: Folder, boards: list[str]) -> int:
    """-> the exit code. Raises Sentence when the hub does not start or the boards cannot join."""
    stop = asyncio.Event()
    on_stop(stop.set)
    children = Children(_started_again)
    hub: Child | None = None
    try:
        if args.hub is None:
            hub = await _start(children, folder, stop)
            if stop.is_set():
                return INTERRUPTED
        watching = asyncio.create_task(children.watch())
        load = Load(folder, boards, stop)
        try:
            return await load.run(args.minutes * 60.0, args.presses_per_minute)
        finally:
            watching.cancel()
            await load.close()
    finally:
        await children.stop(hub)


def _started_again(name: str, code: int) -> None:
    told = words(f"{name} 意外结束（{code}），已重新启动", f"{name} died ({code}), started again")
    print(told, file=sys.stderr)


async def _start(children: Children, folder: Folder, stop: asyncio.Event) -> Child:
    """Mosquitto and a hub of our own. Raises Sentence."""
    prepare(folder, 0, 0)
    ready = asyncio.Event()

    def heard(line: bytes) -> None:
        if line.startswith(b"READY"):
            ready.set()

    serve = [sys.executable, "-m", "hub", "hub", "--data", str(folder.path), "--broker=external"]
    configuration = folder.broker / broker.CONFIGURATION
    children.start(Child("mosquitto", broker.command(configuration), folder.broker / "log"))
    hub = children.start(Child("hub", serve, folder.path / "hub.log", heard))
    for _ in range(round(STARTS_WITHIN_S / LOOK_S)):
        if ready.is_set() or stop.is_set():
            return hub
        for child in children.all:
            if child.ended() is not None:
                raise Sentence(
                    f"{child.name} 没能启动：{child.said()}",
                    f"{child.name} could not start: {child.said()}",
                )
        await asyncio.sleep(LOOK_S)
    raise Sentence(
        f"值班主机 {STARTS_WITHIN_S:.0f} 秒内没有就绪：{hub.said()}",
        f"The hub was not ready within {STARTS_WITHIN_S:.0f} s: {hub.said()}",
    )


class Load:
    """The boards, the fingers on them and the judge. It is the boards' journal."""

    def __init__(self, folder: Folder, names: list[str], stop: asyncio.Event) -> None:
        settings = folder.settings()
        port = folder.kept_ports()["board"]
        self.stop = stop
        self.db = connect_reader(folder.ledger)
        self.judge = Judge()
        self.serial = 0
        self.fingers: dict[str, list[int]] = {name: [] for name in names}  # when, ms, not felt yet
        self.contact_ms: dict[Name, int] = {}
        self.waits_ms: list[int] = []  # from the key's contact to the receipt heard
        self.tasks: set[asyncio.Task[None]] = set()
        host = broker.host(settings)
        self.boards = [
            LoadBoard(name, settings.district, (host, port, folder.board_password(name, 1)), self)
            for name in names
        ]

    # --- the boards' journal ----------------------------------------------------------------

    def felt(self, board: LoadBoard, name: Name, kind: str) -> None:
        fingers = self.fingers[board.name]
        if kind not in KINDS or not fingers or name in self.contact_ms:
            return
        now_ms = _now_ms()
        self.serial += 1
        press = Press(self.serial, board.name, kind, now_ms, 1, name)
        self.judge.felt(press)
        self.contact_ms[name] = fingers.pop(0)
        look_s = (SILENT_MS + SILENT_GRACE_MS) / 1000
        asyncio.get_running_loop().call_later(look_s, self._look, board, press)

    def saved(self, name: Name) -> None:
        self.judge.saved.add(name)
        if name in self.judge.by_name:
            self.judge.by_name[name].saved = True

    def heard(self, name: Name, state: str) -> None:
        if state in ("unknown", "later"):
            return
        now_ms = _now_ms()
        if state != "refused":
            # whoever says stored has committed it: the row must be there to be read at once
            if not self.judge.committed.names[name]:
                self.judge.committed.pull(self.db, now_ms)
            self.judge.receipt_sent(name, now_ms)
        press = self.judge.by_name.get(name)
        if press and press.heard_ms is None:
            self.waits_ms.append(now_ms - self.contact_ms[name])
        self.judge.receipt_heard(name, now_ms, state in ("closed", "refused"))

    def shows(self, board: LoadBoard) -> None:
        now_ms = _now_ms()
        self.judge.committed.pull(self.db, now_ms)
        self.judge.lamps(board.name, board.lamps, now_ms)

    def _look(self, board: LoadBoard, press: Press) -> None:
        if not press.ended:
            self.judge.looked_at(press, board.lamps, _now_ms())

    # --- the run ----------------------------------------------------------------------------

    async def run(self, seconds: float, per_minute: int) -> int:
        """-> 0 when nothing is wrong, 1 otherwise. Raises Sentence when the boards cannot join."""
        await self._join()
        await self._press(seconds, per_minute)
        await self._settle()
        self.judge.end({board.name: board.lamps for board in self.boards}, _now_ms())
        return self._tell()

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.db.close()

    async def _join(self) -> None:
        for board in self.boards:
            self._begin(board.run())
            await asyncio.sleep(JOIN_APART_S)
        until = time.monotonic() + JOINS_WITHIN_S
        while not self.stop.is_set():
            up = sum(board.link.up and bool(board.lamps) for board in self.boards)
            _bar(up, len(self.boards), words("终端已连接", "boards connected"))
            if up == len(self.boards):
                return
            if time.monotonic() > until:
                reason = next(board.link.reason for board in self.boards if not board.link.up)
                raise Sentence(
                    f"{len(self.boards)} 个终端中只有 {up} 个连上：{reason}",
                    f"Only {up} of {len(self.boards)} boards could connect: {reason}",
                )
            await asyncio.sleep(LOOK_S)

    async def _press(self, seconds: float, per_minute: int) -> None:
        """Evenly in time, the boards in a random order; one whose key is held is passed over."""
        order = random.sample(self.boards, len(self.boards))
        boards = itertools.cycle(order)
        begun = time.monotonic()
        for number in range(round(seconds * per_minute / 60)):
            due_s = begun + number * 60 / per_minute - time.monotonic()
            if due_s > 0:
                with suppress(TimeoutError):
                    async with asyncio.timeout(due_s):
                        await self.stop.wait()
            if self.stop.is_set() or time.monotonic() - begun >= seconds:
                break
            free = (board for board in itertools.islice(boards, len(order)) if _is_free(board))
            board = next(free, None)
            if board:
                self.fingers[board.name].append(_now_ms())
                self._begin(board.press())
            self._progress(begun, seconds)
        while not self.stop.is_set() and time.monotonic() - begun < seconds:
            await asyncio.sleep(LOOK_S)
            self._progress(begun, seconds)

    async def _settle(self) -> None:
        """Until every press is looked at and told, and all lamps are the ledger's. Who was asked
        to stop does not wait for the looks."""
        stopped = self.stop.is_set()
        until = time.monotonic() + (STOPS_WITHIN_S if stopped else SETTLES_WITHIN_S)
        while time.monotonic() < until:
            now_ms = _now_ms()
            self.judge.committed.pull(self.db, now_ms)
            last_ms = max((press.felt_ms for press in self.judge.presses), default=0)
            looked = stopped or now_ms - last_ms > SILENT_MS + 2 * SILENT_GRACE_MS
            told = all(press.heard_ms is not None for press in self.judge.presses)
            if looked and told and all(self._converged(board) for board in self.boards):
                return
            await asyncio.sleep(LOOK_S)

    def _converged(self, board: LoadBoard) -> bool:
        state = self.judge.committed.state(board.name, "alarm")
        wanted = {"none": ("off", "off"), "untaken": ("on", "off"), "taken": ("on", "on")}
        return (board.lamps.get("stored"), board.lamps.get("taken")) == wanted[state]

    def _progress(self, begun: float, seconds: float) -> None:
        done = min(round(time.monotonic() - begun), round(seconds))
        pressed, heard = len(self.judge.presses), len(self.waits_ms)
        told = words(f"秒，按下 {pressed}，回执 {heard}", f"s, pressed {pressed}, stored {heard}")
        _bar(done, round(seconds), told)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _tell(self) -> int:
        """The percentiles, the first wrong press, and the line for programs."""
        judge = self.judge
        _end_bar()
        percent = {p: _percentile(self.waits_ms, p) for p in (50, 90, 99, 100)}
        print(
            words("从按下到已存（含 50 毫秒去抖）：", "press -> stored, 50 ms debounce included: ")
            + ", ".join(f"p{p} {ms} ms" for p, ms in percent.items())
        )
        if judge.first:
            print(f"first wrong press: {judge.first[1]}")
        stored = sum(1 for press in judge.presses if judge.committed.names[press.name])
        verdicts = " ".join(f"{verdict}={judge.count[verdict]}" for verdict in VERDICTS)
        print(
            f"seeds=1 pressed={len(judge.presses)} stored={stored} {verdicts}"
            f" p50_ms={percent[50]} p99_ms={percent[99]}"
        )
        return 1 if judge.first else 0


def _is_free(board: LoadBoard) -> bool:
    return not board.fingers.locked()


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def _percentile(values: list[int], percent: int) -> int:
    """The least value that so many percent do not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else 0


def _bar(done: int, of: int, told: str) -> None:
    if sys.stderr.isatty():
        bar = "#" * (30 * done // max(of, 1))
        print(f"\r[{bar:<30}] {done}/{of} {told}\033[K", end="", file=sys.stderr, flush=True)


def _end_bar() -> None:
    if sys.stderr.isatty():
        print(file=sys.stderr)
