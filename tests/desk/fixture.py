"""A duty room that runs: the real core on a real ledger, and its desk on a real port."""

import asyncio
import json
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import argon2
from aiohttp import web

import hub.registry
from hub import core, store
from hub.desk.accounts import Accounts
from hub.desk.site import build
from hub.events import (
    Action,
    Answer,
    Arrived,
    CityReceipt,
    CityTold,
    Echo,
    Effect,
    Event,
    Now,
    RegistryChanged,
    Started,
    Ticked,
)
from hub.folder import Folder
from hub.house import Health, House, Office
from hub.registry import Change, Row
from hub.settings import Escalation, Settings
from tests.hub.room import Registry

PEOPLE = (
    ("zhangwei", "张伟", "officer", ""),
    ("limin", "李敏", "officer", ""),
    ("admin", "王工", "administrator", ""),
    ("shekou", "蛇口值班室", "street", "蛇口街道"),
    ("chengang", "陈刚", "leader", ""),
    ("shenjie", "沈洁", "auditor", ""),
)
PASSWORD = "correct horse"
QUICK = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
BOOT = "00112233445566ff"
Result = TypeVar("Result")


class Schools(Registry):
    """Boards of many streets; `names` may be replaced by a test's own: board -> (site, street)."""

    def __init__(self) -> None:
        super().__init__()
        self.offices: set[str] = set()
        self.places: dict[str, str] = {}
        streets = ("南山街道", "蛇口街道", "粤海街道")
        kinds = ("第一小学", "实验学校", "人民医院", "自来水厂", "变电站")
        self.names = {
            f"board-{n:02d}": (f"{streets[n % 3][:2]}{kinds[n % 5]}", streets[n % 3])
            for n in range(1, 16)
        }

    def boards(self) -> list[str]:
        return list(self.names)

    def board(self, board: str) -> dict[str, Any] | None:
        if board not in self.names:
            return None
        site, street = self.names[board]
        return {
            "site": f"site-{board}",
            "site_name": site,
            "place": self.places.get(board, ""),
            "street": street,
            "simulated": board not in self.real,
            "office": board in self.offices,
        }

    def streets(self) -> list[str]:
        return sorted({street for _, street in self.names.values()})

    def contact(self, site: str, wall: int) -> str:
        return f"门卫 老周 0755-8600-{site[-2:]}"

    def contacts(self, site: str) -> list[dict[str, Any]]:
        guard = {"from": 0, "until": 0, "name": "老周", "phone": f"0755-8600-{site[-2:]}"}
        head = {"from": 8, "until": 18, "days": [1, 2, 3, 4, 5], "name": "王校长"}
        return [{**guard, "role": "门卫"}, {**head, "phone": "0755-8611"}]

    def pagers(self) -> list[str]:
        return []


@cache
def _accounts() -> bytes:
    """A working.db with everyone in it, made once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "working.db"

        async def make() -> None:
            accounts = Accounts(path, hasher=QUICK)
            for user, name, role, street in PEOPLE:
                await accounts.create(user, name, role, PASSWORD, street)
            accounts.close()

        # a browser's test has a loop running in this thread
        with ThreadPoolExecutor(1) as aside:
            aside.submit(asyncio.run, make()).result()
        return path.read_bytes()


class Live:
    """The house, driven by the test: each `do` is one batch, committed when it returns."""

    def __init__(self, folder: Path, escalation: Escalation | None = None) -> None:
        self.settings = Settings(
            district="nanshan", name="南山区值班室", escalation=escalation or Escalation()
        )
        self.registry = Schools()
        self.folder = Folder(folder)
        self.folder.create("nanshan", "南山区值班室", "0755-86000000")
        (folder / "ports.json").write_text('{"web": 8080, "mqtt": 11883, "board": 11884}')
        self.file = hub.registry.Registry(self.folder.registry)
        self.late_ms = 0  # how much the test has let the clocks go forward
        self.set_ms = 0  # by how much the wall clock was set
        ledger = folder / "ledger.db"
        self.db = store.connect(ledger)
        store.prepare(self.db, "nanshan", "feedfacecafe0001", self.now())
        self.hub = store.open_hub(self.db, self.registry, self.settings)
        self.number = 0
        self.pressed: dict[str, int] = {}  # board -> its last alarm
        self.followers: set[asyncio.Event] = set()
        self.answers: dict[str, asyncio.Future[Answer]] = {}
        self.acted: list[Action] = []
        self.submitted: list[Event] = []
        self.held: list[Action] | None = None  # actions wait here, where it is a list
        self.house = House(
            settings=self.settings,
            registry=self.registry,
            reader=store.connect_reader(ledger),
            submit=self.submit,
            act=self.act,
            followers=self.followers,
            now=self.now,
            health=Health(broker_up=True, self_test_wall=self.now().wall),
            office=Office(self.folder, self.file, self.enter),
            city_token="city-token",
        )
        self.folder.working.write_bytes(_accounts())
        self.do(Started("kernel-1", "test"))

    def enter(self, actor: str, put: dict[str, list[Row]], gone: dict[str, list[str]]) -> Change:
        change = self.file.change(put, gone)
        self.do(RegistryChanged(actor, change.before, change.after))
        return change

    def now(self) -> Now:
        steady = time.monotonic_ns() // 1_000_000 + self.late_ms
        return Now(time.time_ns() // 1_000_000 + self.late_ms + self.set_ms, steady)

    def do(self, *events: Event) -> None:
        core.run_batch(self.hub, list(events), self.now(), self._deliver)

    def _deliver(self, effect: Effect) -> None:
        if isinstance(effect, Answer):
            future = self.answers.pop(effect.action, None)
            if future and not future.done():
                future.set_result(effect)
        for each in self.followers:
            each.set()

    def submit(self, event: Event) -> None:
        self.submitted.append(event)
        self.do(event)

    async def act(self, action: Action) -> Answer:
        self.acted.append(action)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.answers[action.id] = future
        if self.held is None:
            self.do(action)
        else:
            self.held.append(action)
        return await future

    def hold(self) -> None:
        self.held = []

    def release(self) -> None:
        actions, self.held = self.held or [], None
        self.do(*actions)

    # --- what happens out there

    def report(self, board: str, kind: str = "alarm", **more: Any) -> str:
        """-> the incident it made or joined."""
        self.number += 1
        value = {"boot": BOOT, "number": self.number, "kind": kind, "age_ms": 0, "reboots": 0}
        if kind == "alarm":
            self.pressed[board] = self.number
        elif kind in ("hold", "withdraw"):
            value["about"] = f"{BOOT}:{self.pressed[board]}"
        self.do(Arrived(board, "report", json.dumps({**value, **more}).encode()))
        row = self.db.execute(
            "SELECT incident FROM reports WHERE boot = ? AND number = ?", (BOOT, self.number)
        ).fetchone()
        return str(row["incident"])

    def heartbeat(self, board: str) -> None:
        value = {"boot": BOOT, "waiting_from": 1, "settings": 0, "refused": 0, "dropped": 0}
        self.do(Arrived(board, "heartbeat", json.dumps(value).encode()))

    def forward(self, seconds: float) -> None:
        """Time passes at once, with the broker's echo and a tick; the hub did not stand still."""
        self.late_ms += int(seconds * 1000)
        self.hub.memory.ticked = None
        self.do(Echo(), Ticked())

    def city(self, receipt: bool = True) -> None:
        """The broker acknowledges the feed, and the city sends its receipts."""
        for topic in ("alarm", "exercise"):
            rows = self.db.execute("SELECT sequence, id FROM feed WHERE topic = ?", (topic,))
            for row in rows.fetchall():
                self.do(CityTold(topic, row["sequence"]))
                if receipt:
                    value = json.dumps({"id": row["id"], "who": "市应急局"})
                    self.do(CityReceipt(value.encode()))

    def act_as(self, name: str, verb: str, incident: str, **data: Any) -> None:
        self.number += 1
        id_ = f"{self.number:016x}"
        self.do(Action(id_, "d" * 16, name, "officer", verb, incident, data))

    def one(self, incident: str) -> sqlite3.Row:
        row = self.db.execute("SELECT * FROM incidents WHERE id = ?", (incident,)).fetchone()
        assert isinstance(row, sqlite3.Row)
        return row

    def kinds(self) -> list[str]:
        return [row["kind"] for row in self.db.execute("SELECT kind FROM ledger ORDER BY number")]

    def close(self) -> None:
        self.house.reader.close()
        self.db.close()


class Served:
    """A Live house with its desk on a port, in a thread of its own."""

    def __init__(self, folder: Path, escalation: Escalation | None = None, port: int = 0) -> None:
        self.live = Live(folder, escalation)
        self.loop = asyncio.new_event_loop()
        self.port = port
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run, name="served")
        self.thread.start()
        assert self.ready.wait(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._start())
        self.ready.set()
        self.loop.run_forever()
        self.loop.run_until_complete(asyncio.sleep(0.1))  # what closes sockets has its turn
        self.loop.close()

    async def _start(self) -> None:
        accounts = Accounts(self.live.folder.working, hasher=QUICK)
        self.runner = web.AppRunner(build(self.live.house, accounts), shutdown_timeout=1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port).start()
        self.port = self.runner.addresses[0][1]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def call(self, what: Callable[..., Result], *arguments: Any, **more: Any) -> Result:
        """Run it on the house's own thread. -> what it returned."""

        async def inside() -> Result:
            return what(*arguments, **more)

        return asyncio.run_coroutine_threadsafe(inside(), self.loop).result(30)

    def freeze(self, seconds: float) -> None:
        """The whole hub hangs for a while, its sockets open; returns at once."""
        self.loop.call_soon_threadsafe(time.sleep, seconds)

    def stop(self) -> None:
        """The hub's web side ends, as when the program is stopped."""
        asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result(30)

    def start(self) -> None:
        """And begins again on its port."""
        asyncio.run_coroutine_threadsafe(self._start(), self.loop).result(30)

    def close(self) -> None:
        self.stop()
        self.call(self.live.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
