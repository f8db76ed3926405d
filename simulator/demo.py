"""`demo`: Mosquitto, a hub and a street of twelve board processes, from one command.

All are siblings under this process, which starts again what dies uninvited, shows the street's
page and ends everything when it is told to.
"""

import argparse
import asyncio
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from aiohttp import web

from hub import broker, debian, enrol
from hub.children import Child, Children
from hub.duty import drills
from hub.folder import RUN_LOCK, Folder
from hub.store import connect_reader
from hub.words import Sentence, words
from simulator import programs, running
from simulator.audience import Audience
from simulator.demo_folder import Prepared, prepare
from simulator.demo_page import Page, app
from simulator.lines import Line
from simulator.seat import Seats
from simulator.street_page import Street, Wall
from simulator.street_plan import NAME, SMALLEST, in_plan_order
from simulator.subscriber import Subscriber
from simulator.troubles import OnRecord, Part, Troubles

ROOT = Path(__file__).resolve().parent.parent
HEARD_WITHIN_S = 10.0  # then READY is said all the same
STARTS_WITHIN_S = 30.0
LOOK_S = 0.05
RECORD_S = 0.5


class Stopped(BaseException):
    """Asked to end while still setting up."""


def run(args: argparse.Namespace) -> int:
    """The command. -> 0 when it was told to end; 2 with a sentence when it cannot run."""
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell may have us inherit SIGINT ignored
        signal.signal(number, _stop)
    try:
        with ExitStack() as stack:
            data = stack.enter_context(_data_folder(args.data))
            stack.enter_context(running.hold(data))
            stack.enter_context(Folder(data).lock(RUN_LOCK))  # nor may a hub run there by itself
            prepared = prepare(data, args.port, args.mqtt_port)
            demo = Demo(prepared)
            note = running.announce(data, temporary=args.data is None)
            stack.callback(note.unlink, missing_ok=True)
            return asyncio.run(demo.live(browser=not args.no_browser))
    except (Sentence, debian.Missing) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(words(f"演示不能运行：{error}", f"The demo cannot run: {error}"), file=sys.stderr)
        return 2
    except Stopped:
        return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


@contextmanager
def _data_folder(wanted: str | None) -> Iterator[Path]:
    """The folder asked for, else a new one that is removed at the end."""
    running.clear_away()
    if wanted is not None:
        data = Path(wanted).absolute()
        Folder(data).make()
        yield data
        return
    data = Path(tempfile.mkdtemp(prefix="qianshao-demo-"))
    try:
        yield data
    finally:
        shutil.rmtree(data, ignore_errors=True)


class Demo:
    """The processes of one demo, and what is said about them."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.log = prepared.folder.path / "log"
        self.log.mkdir(exist_ok=True)
        self.broker = debian.mosquitto()
        self.interpreter, self.chosen, notice = programs.interpreter()
        self.stopping = asyncio.Event()
        self.children = Children(self._died)
        self.audience = Audience()
        self.facts = in_plan_order(prepared.registry.facts())
        self.boards = {board["id"]: self._board(board["id"]) for board in self.facts}
        self.lines = {board: Line(prepared.ports["board"]) for board in self.boards}
        self.street = Street([self._wall(board) for board in self.facts], self.audience)
        self.hub = Child("hub", self._hub_command(), self.log / "hub.log")
        self.mosquitto = Child(
            "mosquitto", broker.command(prepared.configuration), self.log / "mosquitto.log"
        )
        folder, password = prepared.folder, prepared.folder.secret(f"mqtt {broker.CITY_USER}")
        refill = f"{self._url('web')}/api/city/events"
        self.city = Subscriber(
            prepared.settings.district,
            prepared.ports["mqtt"],
            password,
            (refill, folder.secret("city token")),
            lambda event: self.audience.tell("city", event),
        )
        self.troubles = self._troubles()
        passwords = {login.user: login.password for login in prepared.logins}
        self.page = Page(
            self.street,
            self.audience,
            self.troubles,
            self.city,
            Seats(self._url("web"), prepared.ports["web"], passwords),
            folder,
            {"name": NAME, "interpreter": notice},
            self._url("web"),
        )

    async def live(self, browser: bool) -> int:
        """Until a signal. -> the exit code. Raises Sentence, OSError."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stopping.set)
        runner = web.AppRunner(app(self.page), access_log=None, shutdown_timeout=0.5)
        tasks: list[asyncio.Task[None]] = []
        try:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", self.prepared.ports["street"]).start()
            await self._lay_lines()
            for child in (self.mosquitto, self.hub):
                self.children.start(child)
            tasks.append(asyncio.create_task(self.city.run()))
            await self._hub_answers()
            for child in self.boards.values():
                self.children.start(child)
            tasks += [
                asyncio.create_task(self.children.watch()),
                asyncio.create_task(self.street.watch()),
                asyncio.create_task(self._watch_record()),
            ]
            await self._boards_heard()
            if not self.stopping.is_set():
                self._say()
                if browser and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
                    await asyncio.to_thread(webbrowser.open, self._url("street"))
            await self._until_stopped(tasks)
        finally:
            for task in tasks:
                task.cancel()
            self.troubles.close()
            await self.children.stop(first=self.hub)
            for line in self.lines.values():
                await line.close()
            await runner.cleanup()
        return 0

    def _board(self, board: str) -> Child:
        main = [*self.interpreter, str(ROOT / "boards/unix/main.py")]
        folder = self.prepared.folder.boards / board
        return Child(
            board,
            [*main, str(folder)],
            self.log / f"{board}.log",
            lambda line: self.street.heard(board, line),
        )

    def _wall(self, board: dict[str, Any]) -> Wall:
        return Wall(
            board["id"],
            board["site_name"],
            board["street"],
            board.get("place", ""),
            board["lamps"],
            board["pager"],
            board["covert"],
            tuple(board.get("keys", SMALLEST)),
            self.prepared.folder.boards / board["id"],
            self.boards[board["id"]].state,
        )

    def _troubles(self) -> Troubles:
        parts = {
            board: Part(self.street.walls[board], child, self.lines[board])
            for board, child in self.boards.items()
        }

        def told() -> None:
            self.audience.tell("troubles", self.troubles.state())

        return Troubles(parts, self.hub, self.mosquitto, self._on_record, told)

    def _on_record(self) -> OnRecord:
        try:
            with closing(connect_reader(self.prepared.folder.ledger)) as reader:
                drill = max((each.id for each in drills.open_windows(reader)), default=0)
                (desks,) = reader.execute("SELECT count(*) FROM desks WHERE listening").fetchone()
                return OnRecord(drill, desks > 0)
        except sqlite3.Error:
            return OnRecord(0, False)  # the hub makes its tables just now

    async def _watch_record(self) -> None:
        """The page is told what people did at the desk."""
        last = self._on_record()
        while True:
            await asyncio.sleep(RECORD_S)
            now = self._on_record()
            if now != last:
                self.troubles.told()
            last = now

    def _hub_command(self) -> list[str]:
        data = str(self.prepared.folder.path)
        own = ["--data", data, "--framed-by", self._url("street"), "--broker", "external"]
        return [sys.executable, "-m", "hub", "hub", *own]

    async def _lay_lines(self) -> None:
        """Each board is told the port of its own line. Raises OSError."""
        folder, settings = self.prepared.folder, self.prepared.settings
        for board in self.facts:
            port = await self.lines[board["id"]].open()
            enrol.write_board_file(folder, settings, board, port, board["covert"])

    def _url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.prepared.ports[name]}"

    def _died(self, name: str, code: int) -> None:
        told = words(
            f"{name} 意外结束（{code}），已重新启动", f"{name} died ({code}), started again"
        )
        print(told, file=sys.stderr)

    async def _hub_answers(self) -> None:
        """Its page answers, and through the broker it has told the city where the feed stands.

        Raises Sentence when one of the two ends instead, or says nothing at all.
        """
        for _ in range(round(STARTS_WITHIN_S / LOOK_S)):
            if self.stopping.is_set():
                return
            heard = self.city.connected.is_set()
            if heard and await asyncio.to_thread(_answers, self._url("web")):
                return
            for child in (self.mosquitto, self.hub):
                if child.ended() is not None:
                    raise Sentence(
                        f"{child.name} 没能启动：{child.said()}（见 {child.log}）",
                        f"{child.name} could not start: {child.said()} (see {child.log})",
                    )
            await asyncio.sleep(LOOK_S)
        raise Sentence(
            f"值班主机 {STARTS_WITHIN_S:.0f} 秒内没有回答：见 {self.hub.log}",
            f"The hub did not answer within {STARTS_WITHIN_S:.0f} s: see {self.hub.log}",
        )

    async def _boards_heard(self) -> None:
        for _ in range(round(HEARD_WITHIN_S / LOOK_S)):
            if self.stopping.is_set() or self.street.all_heard():
                return
            await asyncio.sleep(LOOK_S)

    async def _until_stopped(self, tasks: list[asyncio.Task[None]]) -> None:
        """Raises what ended one of `tasks`: none ends but by an error."""
        waiting = asyncio.create_task(self.stopping.wait())
        await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        for task in tasks:
            if task.done():
                task.result()

    def _say(self) -> None:
        """The lines for people and programs, one a line, READY last."""
        folder = self.prepared.folder
        mqtt = self.prepared.ports["mqtt"]
        password = folder.secret(f"mqtt {broker.CITY_USER}")
        topic = f"qianshao/v1/{self.prepared.settings.district}/city/#"
        token = folder.secret("city token")
        lines = [
            f"Mosquitto: {self.broker.where}",
            self.chosen,
            words(f"数据目录：{folder.path}", f"data folder: {folder.path}"),
        ]
        lines += [
            f"login {each.role} {each.user} {each.password}" for each in self.prepared.logins
        ]
        lines.append(
            f"mosquitto_sub -h 127.0.0.1 -p {mqtt} -u {broker.CITY_USER} -P {password}"
            f" -t '{topic}' -q 1 -v"
        )
        if not shutil.which("mosquitto_sub"):
            lines.append(programs.subscriber())
        lines.append(
            f"curl -H 'Authorization: Bearer {token}'"
            f" '{self._url('web')}/api/city/events?feed=alarm&after=0'"
        )
        lines += [f"DEMO {self._url('street')}/", f"READY {self._url('web')}"]
        print("\n".join(lines), flush=True)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
