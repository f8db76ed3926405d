"""The one file that wires the duty room: folder, broker, ledger, writer, links, pages."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from aiohttp import web

from hub import broker, soundness, store
from hub.channels import command
from hub.channels.channel import Facts, Means
from hub.channels.sender import Sender
from hub.city import refill
from hub.city.publisher import Publisher
from hub.core import DAMAGE
from hub.desk import logins, site
from hub.desk.accounts import Accounts
from hub.events import (
    AccountsLost,
    Action,
    Answer,
    Arrived,
    ChainBroken,
    CityReceipt,
    DesksChanged,
    DiskState,
    DutyChanged,
    Echo,
    Effect,
    EquipmentChanged,
    FeedGrew,
    IncidentChanged,
    LinkChanged,
    Notify,
    RegistryChanged,
    RunCommand,
    Started,
    ToBoard,
)
from hub.folder import Folder
from hub.home_assistant import AGAIN_S, SUBSCRIPTIONS, HomeAssistantLink
from hub.house import Health, House, Office
from hub.link import Link
from hub.registry import NEVER, Change, Registry, Row, difference
from hub.selftest import SelfTest
from hub.settings import Settings
from hub.words import Sentence
from hub.writer import Writer, read_clocks
from protocol import catalogue
from protocol.topics import ROOT, board_topic, city_topic, parse_board_topic

log = logging.getLogger("qianshao")

VERSION = "0.1.0"
FOR_PAGES = (IncidentChanged, EquipmentChanged, DesksChanged, DutyChanged, DiskState)
LINK_S = 5.0  # READY waits so long for the broker


class App:
    """One running hub on an open folder. `ports`: web, board, mqtt; `framed_by`: see House;
    `damage`: what `run` raised Damaged about, when this hub follows another one."""

    def __init__(
        self,
        folder: Folder,
        settings: Settings,
        ports: dict[str, int],
        framed_by: str = "",
        damage: str = "",
    ) -> None:
        self.folder = folder
        self.framed_by = framed_by
        self.settings = settings
        self.ports = ports
        self.registry = Registry(folder.registry)
        self.health = Health(notices=tuple(self.registry.notices))
        self.answers: dict[str, asyncio.Future[Answer]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.link_came = asyncio.Event()
        self.examining = False
        self.over = asyncio.Event()  # stop, whether asked for or not
        self.error: BaseException | None = None
        self.followers: set[asyncio.Event] = set()
        self.hub = store.open_ledger(folder, self.registry, settings, read_clocks(), damage)
        self.reader = store.connect_reader(folder.ledger)
        self.writer = Writer(self.hub, folder.head, self._deliver, failed=self._fail)
        self.publisher = Publisher(self.reader, settings.district, self.writer.put)
        root = f"{ROOT}/{settings.district}"
        self.echo_topic = f"{root}/hub/echo"
        host = broker.host(settings)
        self.link = Link(
            host,
            ports["mqtt"],
            broker.HUB_USER,
            broker.secret(folder, broker.HUB_USER),
            [
                f"{root}/board/+/up/+",
                city_topic(settings.district, "receipt"),
                self.echo_topic,
                *SUBSCRIPTIONS,
            ],
            self._heard,
            self._link_changed,
            self.publisher.acknowledged,
        )
        self.home = HomeAssistantLink(settings, self.registry, self.reader, self.link.publish)
        self.sender = Sender(Means(self._facts, self._to_board), self.writer.put)
        self.self_test = SelfTest(
            settings.district,
            host,
            ports["board"],
            folder.board_password("self-test", 1),
            settings.presence.self_test_s,
            self._self_test_passed,
        )

    # --- in: the wire ---------------------------------------------------------------------

    def _heard(self, topic: str, payload: bytes) -> None:
        if topic == self.echo_topic:
            self.writer.put(Echo())
            return
        if topic == city_topic(self.settings.district, "receipt"):
            self.writer.put(CityReceipt(payload))
            return
        if self.home.heard(topic, payload):
            return
        parts = parse_board_topic(topic)
        if parts and parts[2] == "up":
            self.writer.put(Arrived(parts[1], parts[3], payload))

    def _link_changed(self, up: bool) -> None:
        self.health.broker_up = up
        self.writer.put(LinkChanged(up))
        if up:
            self.link_came.set()
            self.link.publish(self.echo_topic, b"1")
            self.publisher.connected(self.link)
            self.home.connected()

    def _self_test_passed(self) -> None:
        self.health.self_test_wall = read_clocks().wall

    # --- out: effects, after their commit ---------------------------------------------------

    def _deliver(self, effects: list[Effect]) -> None:
        for effect in effects:
            try:
                self._perform(effect)
            except Exception:
                # one that cannot be delivered must not take the others with it
                log.exception("%s could not be delivered", effect)
        kinds = {type(effect) for effect in effects}
        if FeedGrew in kinds:
            self.publisher.push()
        if not kinds.isdisjoint(FOR_PAGES):
            for each in self.followers:
                each.set()

    def _perform(self, effect: Effect) -> None:
        if isinstance(effect, ToBoard):
            self._to_board(effect)
        elif isinstance(effect, Answer):
            waiting = self.answers.pop(effect.action, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(effect)
        elif isinstance(effect, RunCommand):
            argv = self.settings.escalation.command
            self._spawn(command.run(argv, self.reader, effect.incident, self.writer.put))
        elif isinstance(effect, Notify):
            self._spawn(self.sender.send(effect.notice))
        elif isinstance(effect, DiskState):
            self.health.disk_error = effect.error
            if effect.error and any(word in effect.error for word in DAMAGE):
                self._spawn(self._examine(), vital=True)
        elif isinstance(effect, EquipmentChanged | DutyChanged):
            self.home.stale = True

    def _to_board(self, effect: ToBoard) -> bool:
        topic = board_topic(self.settings.district, effect.board, "down", effect.message)
        payload = catalogue.encode(effect.message, effect.value)
        return self.link.publish(topic, payload) is not None

    def _facts(self) -> Facts:
        return Facts(self.reader, self.registry, self.settings, self.health.broker_up)

    async def act(self, action: Action) -> Answer:
        """Wait for the commit and the answer, as long as the caller has patience: then it may
        act again under the same id."""
        waiting = self.answers.setdefault(action.id, asyncio.get_running_loop().create_future())
        self.writer.put(action)
        try:
            return await asyncio.shield(waiting)
        finally:
            self.answers.pop(action.id, None)

    # --- by the clock -----------------------------------------------------------------------

    async def _each_second(self) -> None:
        beat = 0
        while True:
            await asyncio.sleep(1)
            beat += 1
            if beat % self.settings.presence.echo_s == 0:
                self.link.publish(self.echo_topic, b"1")
            self.publisher.say_head()
            self.home.say(again=beat % AGAIN_S == 0)
            if self.registry.changed():
                self._take_registry()

    def _take_registry(self) -> None:
        """Somebody has replaced the registry: put it on record, and let the broker know."""
        try:
            change = self.registry.reload()
        except Sentence as sentence:
            self.health.notices = (sentence.both,)
            return
        self.health.notices = tuple(self.registry.notices)
        self._record(change, "file")  # nobody on a page, but a hand in the file itself
        self._tell_broker()

    def enter(self, actor: str, put: dict[str, list[Row]], gone: dict[str, list[str]]) -> Change:
        """A person changes the registry. Raises Sentence, OSError; then nothing has changed."""
        change = self.registry.change(put, gone)
        self.health.notices = tuple(self.registry.notices)
        self._record(change, actor)
        self._tell_broker()
        return change

    def _record(self, change: Change, actor: str) -> None:
        if change.before or change.after:
            self.writer.put(RegistryChanged(actor, change.before, change.after))

    def _tell_broker(self) -> None:
        ports = broker.Ports(self.ports["board"], self.ports["mqtt"])
        try:
            broker.write_files(self.folder, self.settings, self.registry, ports)
        except OSError as error:
            log.error("the broker's files cannot be written, trying again: %s", error)
            self.registry.stamp = NEVER
            return
        broker.reload(self.folder)
        self.home.offer()

    async def _examine(self) -> None:
        """All of the record, beside the work. Raises Damaged: the ledger must be set aside."""
        if self.examining:
            return
        self.examining = True
        path, stopped = self.folder.ledger, self.over.is_set
        found = await asyncio.to_thread(soundness.examine, path, stopped)
        self.examining = False
        if found:
            (number, zh, en), count = found
            said = f"{zh} ({en})"
            log.critical("the ledger's chain is broken at row %d: %s", number, said)
            self.writer.put(ChainBroken(number, count, said))

    # --- life -------------------------------------------------------------------------------

    async def run(self, ready: Callable[[], None]) -> None:
        """Serve until `stop`. Raises Sentence when it cannot begin, and what broke it later:
        Damaged when another hub should begin with another ledger."""
        self.writer.put(Started(_kernel_boot(), VERSION))
        self._record(difference(store.registry(self.reader), self.registry.tables), "hub")
        self.writer.start()
        runner = web.AppRunner(self._web(), access_log=None, shutdown_timeout=1.0)
        try:
            self._tell_broker()
            await runner.setup()
            await self._serve(runner)
            vital = (self.link.run(), self.self_test.run(), self._each_second(), self._examine())
            for work in vital:
                self._spawn(work, vital=True)
            # without its broker it serves pages all the same
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LINK_S):
                    await self.link_came.wait()
            if not self.over.is_set():
                ready()
            await self.over.wait()
        finally:
            for task in list(self.tasks):
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            await runner.cleanup()
            await self.writer.stop()
            self.reader.close()
            self.hub.db.close()
        if self.error:
            raise self.error

    async def _serve(self, runner: web.AppRunner) -> None:
        address, port = self.settings.web.address, self.ports["web"]
        try:
            await web.TCPSite(runner, address, port).start()
        except OSError as error:
            why = error.strerror or str(error)
            raise Sentence(
                f"页面不能在 {address}:{port} 上打开：{why}。",
                f"The page cannot be served at {address}:{port}: {why}.",
            ) from error

    def stop(self) -> None:
        """End `run` within a few seconds; all that has arrived is committed first."""
        self.over.set()
        self.link_came.set()  # nobody need wait for it any more

    def _fail(self, error: BaseException) -> None:
        """Without its link or its writer a hub is deaf: it ends, and is started again."""
        self.error = self.error or error
        self.stop()

    def _spawn(self, work: Coroutine[Any, Any, None], vital: bool = False) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self.tasks.discard(task)
            error = None if task.cancelled() else task.exception()
            if error and vital:
                self._fail(error)
            elif error:
                log.error("a task of the hub ended", exc_info=error)

        task.add_done_callback(ended)

    def _web(self) -> web.Application:
        token = self.folder.secret("city token")
        house = House(
            settings=self.settings,
            registry=self.registry,
            reader=self.reader,
            submit=self.writer.put,
            act=self.act,
            followers=self.followers,
            now=read_clocks,
            health=self.health,
            office=Office(self.folder, self.registry, self.enter),
            city_token=token,
            framed_by=self.framed_by,
        )
        accounts = Accounts(self.folder.working)
        if anew := accounts.told_anew():
            self.writer.put(AccountsLost(*anew))
        for reset in logins.resets(accounts, self.reader):
            self.writer.put(reset)
        app = site.build(house, accounts)
        refill.add_route(app, self.folder.ledger, token)
        return app


def _kernel_boot() -> str:
    """Which start of the kernel this is: `steady` counts on within one."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
