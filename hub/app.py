"""The one file that wires the duty room: folder, broker, ledger, writer, links, pages."""

import asyncio
import contextlib
import logging
import secrets
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

from aiohttp import web

from hub import broker, commands, store
from hub.city import refill
from hub.city.publisher import Publisher
from hub.core import Hub
from hub.desk import site
from hub.events import (
    Action,
    Answer,
    Arrived,
    CityReceipt,
    DesksChanged,
    DiskState,
    Echo,
    Effect,
    EquipmentChanged,
    FeedGrew,
    IncidentChanged,
    LinkChanged,
    RegistryChanged,
    RunCommand,
    Started,
    ToBoard,
)
from hub.folder import Folder
from hub.house import Health, House
from hub.link import Link
from hub.registry import Registry
from hub.selftest import SelfTest
from hub.settings import Settings
from hub.words import Sentence
from hub.writer import Writer, read_clocks
from protocol import catalogue
from protocol.topics import ROOT, board_topic, city_topic, parse_board_topic

log = logging.getLogger("qianshao")

VERSION = "0.1.0"
FOR_PAGES = (IncidentChanged, EquipmentChanged, DesksChanged, DiskState)
PAGE_QUEUE = 1000  # a page that lags by more starts anew
ACT_S = 10.0


class Changes:
    """Hands each page every change in order; a page that sleeps too long is cut off, and its
    stream then begins again with the whole state."""

    def __init__(self) -> None:
        self.queues: set[asyncio.Queue[Effect | None]] = set()

    def tell(self, effect: Effect) -> None:
        for each in list(self.queues):
            if each.qsize() >= PAGE_QUEUE:
                self.queues.discard(each)
                each.put_nowait(None)
            else:
                each.put_nowait(effect)

    async def subscribe(self) -> AsyncIterator[Effect]:
        """Ends when this page has lagged too far behind."""
        mine: asyncio.Queue[Effect | None] = asyncio.Queue()
        self.queues.add(mine)
        try:
            while (effect := await mine.get()) is not None:
                yield effect
        finally:
            self.queues.discard(mine)


class App:
    """One running hub on an open folder. `ports`: web, board, mqtt."""

    def __init__(
        self,
        folder: Folder,
        settings: Settings,
        ports: dict[str, int],
        mqtt_reload: Callable[[], None],
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.ports = ports
        self.mqtt_reload = mqtt_reload
        self.registry = Registry(folder.registry)
        self.health = Health(notices=(self.registry.notice,) if self.registry.notice else ())
        self.answers: dict[str, asyncio.Future[Answer]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.changes = Changes()
        self.hub = self._open_ledger()
        self.reader = store.connect_reader(folder.ledger)
        self.writer = Writer(self.hub, folder.head, self._deliver)
        self.publisher = Publisher(self.reader, settings.district, self.writer.put)
        root = f"{ROOT}/{settings.district}"
        self.echo_topic = f"{root}/hub/echo"
        self.link = Link(
            ports["mqtt"],
            broker.HUB_USER,
            folder.secret(f"mqtt {broker.HUB_USER}"),
            [f"{root}/board/+/up/+", city_topic(settings.district, "receipt"), self.echo_topic],
            self._heard,
            self._link_changed,
            self.publisher.acknowledged,
        )
        self.self_test = SelfTest(
            settings.district,
            ports["board"],
            folder.board_password("self-test", 1),
            settings.presence.self_test_s,
            self._self_test_passed,
        )

    def _open_ledger(self) -> Hub:
        try:
            db = store.connect(self.folder.ledger)
            store.prepare(db, self.settings.district, secrets.token_hex(8), read_clocks())
            return store.open_hub(db, self.registry, self.settings)
        except sqlite3.Error as error:
            raise Sentence(
                f"{self.folder.ledger} 不能打开:{error}。请检查磁盘,或从备份恢复。",
                f"{self.folder.ledger} cannot be opened: {error}. Look at the disk, or restore a"
                " backup.",
            ) from error

    # --- in: the wire ---------------------------------------------------------------------

    def _heard(self, topic: str, payload: bytes) -> None:
        if topic == self.echo_topic:
            self.writer.put(Echo())
            return
        if topic == city_topic(self.settings.district, "receipt"):
            self.writer.put(CityReceipt(payload))
            return
        parts = parse_board_topic(topic)
        if parts and parts[2] == "up" and catalogue.direction(parts[3]) == "up":
            self.writer.put(Arrived(parts[1], parts[3], payload))

    def _link_changed(self, up: bool) -> None:
        self.health.broker_up = up
        self.writer.put(LinkChanged(up))
        if up:
            self.link.publish(self.echo_topic, b"1")
            self.publisher.connected(self.link)

    def _self_test_passed(self) -> None:
        self.health.self_test_wall = read_clocks().wall

    # --- out: effects, after their commit ---------------------------------------------------

    def _deliver(self, effects: list[Effect]) -> None:
        grew = False
        for effect in effects:
            if isinstance(effect, ToBoard):
                topic = board_topic(self.settings.district, effect.board, "down", effect.message)
                self.link.publish(topic, catalogue.encode(effect.message, effect.value))
            elif isinstance(effect, Answer):
                waiting = self.answers.pop(effect.action, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(effect)
            elif isinstance(effect, FeedGrew):
                grew = True
            elif isinstance(effect, RunCommand):
                command = self.settings.escalation.command
                self._spawn(commands.run(command, self.reader, effect.incident, self.writer.put))
            elif isinstance(effect, FOR_PAGES):
                if isinstance(effect, DiskState):
                    self.health.disk_error = effect.error
                self.changes.tell(effect)
        if grew:
            self.publisher.push()

    async def act(self, action: Action) -> Answer:
        """Wait for the commit and the answer. Raises TimeoutError; the page then repeats it."""
        waiting = self.answers.get(action.id)
        if waiting is None:
            waiting = asyncio.get_running_loop().create_future()
            self.answers[action.id] = waiting
            self.writer.put(action)
        try:
            return await asyncio.wait_for(asyncio.shield(waiting), ACT_S)
        finally:
            if waiting.done():
                self.answers.pop(action.id, None)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a task of the hub ended", exc_info=task.exception())

    # --- by the clock -----------------------------------------------------------------------

    async def _each_second(self) -> None:
        beat = 0
        while True:
            await asyncio.sleep(1)
            beat += 1
            if beat % self.settings.presence.echo_s == 0:
                self.link.publish(self.echo_topic, b"1")
            self.publisher.say_head()
            self._look_at_registry()

    def _look_at_registry(self) -> None:
        if not self.registry.changed():
            return
        before = {"boards": len(self.registry.boards()), "sites": len(self.registry.sites)}
        try:
            self.registry.reload()
        except Sentence as sentence:
            self.health.notices = ((str(sentence), str(sentence)),)
            return
        after = {"boards": len(self.registry.boards()), "sites": len(self.registry.sites)}
        self.health.notices = (self.registry.notice,) if self.registry.notice else ()
        ports = broker.Ports(self.ports["board"], self.ports["mqtt"])
        broker.write_files(self.folder, self.settings, self.registry, ports)
        self.mqtt_reload()
        self.writer.put(RegistryChanged("hub", before, after))

    # --- life -------------------------------------------------------------------------------

    async def run(self, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        """Serve until `stop` is set. Raises Sentence when the page's port is taken."""
        self.writer.put(Started(_kernel_boot(), VERSION))
        self.writer.start()
        runner = web.AppRunner(self._web(), access_log=None, shutdown_timeout=1.0)
        try:
            await runner.setup()
            address = self.settings.web.address
            try:
                await web.TCPSite(runner, address, self.ports["web"]).start()
            except OSError as error:
                raise Sentence(
                    f"页面端口 {address}:{self.ports['web']} 不能使用:{error.strerror}。",
                    f"The page's port {address}:{self.ports['web']} cannot be used:"
                    f" {error.strerror}.",
                ) from error
            for work in (self.link.run(), self.self_test.run(), self._each_second()):
                self._spawn(work)
            ready()
            await stop.wait()
        finally:
            for task in list(self.tasks):
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            await runner.cleanup()
            await self.writer.stop()
            self.reader.close()
            self.hub.db.close()

    def _web(self) -> web.Application:
        token = self.folder.secret("city token")
        house = House(
            settings=self.settings,
            registry=self.registry,
            reader=self.reader,
            submit=self.writer.put,
            act=self.act,
            changes=self.changes,
            now=read_clocks,
            health=self.health,
            working_db=str(self.folder.working),
            city_token=token,
            simulated=not self.registry.holds_real_board(),
        )
        app = site.build(house)
        refill.add_route(app, self.reader, token)
        return app


def _kernel_boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def stop_on_signals(stop: asyncio.Event) -> None:
    """SIGINT, also when a shell made us inherit it as ignored, and SIGTERM."""
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(each, stop.set)


def say_ready(port: int) -> None:
    """The last machine line."""
    print(f"READY http://127.0.0.1:{port}", flush=True)
    sys.stdout.flush()
