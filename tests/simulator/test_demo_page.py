"""The demo's page: who may look and press, what a page hears, and what its buttons really do."""

import asyncio
import json
import re
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from hub import ledger
from hub.folder import Folder
from simulator.audience import Audience
from simulator.demo_page import STATIC, Page, app
from simulator.experiments import broken_world, flip_byte
from simulator.lines import Line
from simulator.seat import NoDesk, Seats
from simulator.street_page import DARK, Street, Wall
from simulator.subscriber import Subscriber
from simulator.troubles import BATTERY_S, OnRecord, Part, Troubles
from tests.desk.fixture import PASSWORD, Live, Served
from tests.simulator.board_process import BOARD, board_process

DESK = "http://127.0.0.1:1"


class Process:
    """A child of the demo, as far as the buttons touch it."""

    def __init__(self) -> None:
        self.held = False
        self.signals: list[signal.Signals] = []

    def signal(self, number: signal.Signals) -> None:
        self.signals.append(number)

    def state(self) -> str:
        return "dead" if self.held else "running"


def page(folder: Path, told: list[str] | None = None) -> Page:
    audience, process, line = Audience(), Process(), Line(1)
    place = ("东湖第一小学", "东湖街道", "校门岗亭")
    wall = Wall(BOARD, *place, 3, False, False, ("alarm", "confirm"), folder, process.state)
    parts = {BOARD: Part(wall, process, line)}
    heard = told if told is not None else []
    return Page(
        Street([wall], audience),
        audience,
        Troubles(
            parts, Process(), Process(), lambda: OnRecord(0, False), lambda: heard.append("told")
        ),
        Subscriber("demo", 1, "", (DESK, ""), lambda event: None),
        Seats(DESK, 1, {"zhangwei": "", "limin": ""}),
        Folder(folder / "data"),
        {"name": "演示区", "interpreter": {"zh": "", "en": ""}},
        DESK,
    )


def visit(
    made: Page, body: Callable[[TestClient[Any, Any], dict[str, str]], Awaitable[None]]
) -> None:
    async def run() -> None:
        async with TestClient(TestServer(app(made))) as client:
            await body(client, {"Origin": str(client.make_url("/").origin())})

    asyncio.run(run())


def test_nothing_from_outside_and_only_the_desk_in_a_frame(tmp_path: Path) -> None:
    async def body(client: TestClient[Any, Any], _own: dict[str, str]) -> None:
        files = [f"/{file.name}" for file in STATIC.iterdir() if file.name != "demo.html"]
        for path in ("/", *files, "/boards.json"):
            response = await client.get(path)
            assert response.status == 200
            policy = response.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'") and f"frame-src {DESK};" in policy
            assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
            assert "://" not in (await response.text())
        rebound = await client.get("/boards.json", headers={"Host": "example.org"})
        assert rebound.status == 403

    visit(page(tmp_path), body)


def test_only_the_pages_own_script_presses_and_breaks(tmp_path: Path) -> None:
    async def body(client: TestClient[Any, Any], own: dict[str, str]) -> None:
        key = {"board": BOARD, "key": "red"}
        pressed = await client.post("/press", json=key, headers=own)
        assert await pressed.json() == {"outcome": "saved"}
        nothing = {"board": BOARD, "key": "grey"}
        idle = await client.post("/press", json=nothing, headers=own)
        assert await idle.json() == {"outcome": "nothing"}
        routes = client.app.router.routes() if client.app else ()
        posts = [
            route.resource.canonical
            for route in routes
            if route.method == "POST" and route.resource
        ]
        assert len(posts) == 9
        for path in posts:
            assert (await client.post(path, json={})).status == 403
            elsewhere = {"Origin": DESK}
            assert (await client.post(path, json=key, headers=elsewhere)).status == 403
        for path, odd in {
            "/press": {"board": "other", "key": "red"},
            "/down": {"board": BOARD, "key": "other"},
            "/up": {"finger": "other"},
            "/trouble": {"do": "pull", "about": "other"},
            "/world": {"name": "other"},
            "/receipt": {"id": "other"},
        }.items():
            assert (await client.post(path, json=odd, headers=own)).status == 404
        for path in ("/seat", "/drill"):  # there is no hub behind it
            assert (await client.post(path, json={}, headers=own)).status == 503

    with board_process(tmp_path):
        visit(page(tmp_path), body)


def test_a_page_hears_all_there_is_and_then_each_change(tmp_path: Path) -> None:
    async def listen() -> None:
        made = page(tmp_path)
        stream = made.audience.listen(made.first)
        assert [name for name, _ in [await anext(stream), await anext(stream)]] == [
            "board",
            "troubles",
        ]
        made.street.heard(
            BOARD, json.dumps({"id": BOARD, "lamps": {**DARK, "calling": "fast"}}).encode()
        )
        name, view = await anext(stream)
        assert name == "board" and view["lamps"]["calling"] == "fast"
        await stream.aclose()  # type: ignore[attr-defined]
        assert made.audience.queues == set()

    asyncio.run(listen())


def test_what_a_button_breaks_stays_broken_until_it_is_mended(tmp_path: Path) -> None:
    async def use() -> None:
        told: list[str] = []
        made = page(tmp_path, told)
        troubles, (part,) = made.troubles, made.troubles.parts.values()
        hub, broker = troubles.hub, troubles.mosquitto
        assert isinstance(hub, Process) and isinstance(broker, Process)
        whole = troubles.state()
        for breaks, mends, about, seen in (
            ("pull", "plug", BOARD, {"pulled": [BOARD]}),
            ("cut", "power", BOARD, {"cut": [BOARD]}),
            ("kill_hub", "start_hub", "", {"hub": "killed"}),
            ("freeze_broker", "thaw_broker", "", {"broker": "frozen"}),
            ("black_out", "light", "东湖街道", {"dark": ["东湖街道"]}),
        ):
            assert troubles.do(breaks, about)
            assert troubles.state() == {**whole, **seen}
            assert troubles.do(mends, about)
            assert troubles.state() == whole
        assert hub.signals == [signal.SIGKILL]
        assert broker.signals == [signal.SIGSTOP, signal.SIGCONT]
        assert len(told) == 10
        for verb, about in (
            ("pull", "other"),
            ("light", BOARD),
            ("kill_hub", BOARD),
            ("burn", ""),
        ):
            assert not troubles.do(verb, about)
        troubles.do("black_out", "东湖街道")
        troubles.do("plug", BOARD)
        await asyncio.sleep(BATTERY_S + 0.2)
        assert not part.line.plugged  # in the dark no cable helps
        troubles.close()

    asyncio.run(use())


def test_boards_report_a_blackout_before_their_street_goes_dark(tmp_path: Path) -> None:
    async def use() -> None:
        troubles = page(tmp_path).troubles
        for verb, code in (("black_out", b"mains_lost"), ("light", b"mains_back")):
            assert troubles.do(verb, "东湖街道")
            await asyncio.gather(*troubles.moving)
            written = b"".join(each.read_bytes() for each in (tmp_path / "outbox").iterdir())
            assert code in written
        troubles.close()

    with board_process(tmp_path):
        asyncio.run(use())


def test_a_pulled_cable_is_noticed_at_both_ends_and_works_again() -> None:
    async def use() -> None:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while data := await reader.read(100):
                writer.write(data)
            gone.set()
            writer.close()

        gone = asyncio.Event()
        broker = await asyncio.start_server(echo, "127.0.0.1", 0)
        line = Line(broker.sockets[0].getsockname()[1])
        port = await line.open()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"press")
        assert await reader.readexactly(5) == b"press"
        line.pull()
        async with asyncio.timeout(2):
            assert await _ends(reader)
            await gone.wait()
        writer.close()
        refused, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await _ends(refused)
        writer.close()
        line.plug()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"again")
        assert await reader.readexactly(5) == b"again"
        writer.close()
        await line.close()
        broker.close()
        await asyncio.sleep(0.1)  # what closes sockets has its turn

    asyncio.run(use())


async def _ends(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read(1) == b""
    except ConnectionError:
        return True


def test_a_flipped_byte_in_a_copy_is_found_and_the_ledger_stays(tmp_path: Path) -> None:
    with laid(tmp_path) as folder:
        before = folder.ledger.read_bytes()
        found = asyncio.run(flip_byte(folder, "en"))
        assert found["exit"] == 1 and found["was"] != found["is"]
        assert found["before"].startswith("whole: ")
        assert found["after"].startswith(f"row {found['row']}: ")
        assert folder.ledger.read_bytes() == before
        assert asyncio.run(flip_byte(folder, "zh"))["before"].startswith("完整")


@contextmanager
def laid(tmp_path: Path) -> Iterator[Folder]:
    """A ledger with one press in it."""
    live = Live(tmp_path)
    try:
        live.report("board-01")
        number, hash_ = ledger.head(live.db)
        folder = Folder(tmp_path)
        folder.head.write_text(f"{number} {hash_.hex()}\n")
        yield folder
    finally:
        live.close()


def test_a_broken_world_shows_its_first_wrong_press() -> None:
    found = asyncio.run(broken_world("lose-taken", "en"))
    assert found["exit"] == 1
    assert found["first"].startswith("first wrong press: seed ")
    assert "--broken lose-taken" in found["replay"] and found["sum"].startswith("seeds=")


def test_the_visitor_is_seated_once_and_a_colleague_drills(tmp_path: Path) -> None:
    served = Served(tmp_path)
    try:
        passwords = {"zhangwei": PASSWORD, "limin": PASSWORD}
        seats = Seats(served.address, served.port, passwords)

        async def use() -> None:
            assert not await seats.is_seated("nonsense")
            session = await seats.log_in("zhangwei")
            assert await seats.is_seated(session)
            data = {"sites": "all", "purpose": "演示", "minutes": 5}
            assert (await seats.act("limin", "open_drill", data))["code"] == "ok"
            seats.passwords = {"zhangwei": "wrong"}
            try:
                await seats.log_in("zhangwei")
            except NoDesk:
                return
            raise AssertionError

        asyncio.run(use())
        assert "window_opened" in served.call(served.live.kinds)
    finally:
        served.close()


def test_the_city_fills_a_gap_and_never_shows_an_event_twice(tmp_path: Path) -> None:
    live = Live(tmp_path)
    for board in ("board-01", "board-02", "board-03"):
        live.report(board)
    events = [
        json.loads(row["event"])
        for row in live.db.execute("SELECT event FROM feed ORDER BY sequence")
    ]
    live.close()
    asked: list[str] = []

    async def refill(request: web.Request) -> web.Response:
        asked.append(request.query["after"])
        assert request.headers["Authorization"] == "Bearer token"
        return web.json_response(events[int(request.query["after"]) :])

    async def use() -> None:
        hub = web.Application()
        hub.router.add_get("/", refill)
        async with TestServer(hub) as server:
            told: list[dict[str, Any]] = []
            city = Subscriber("nanshan", 1, "", (str(server.make_url("/")), "token"), told.append)
            alarm = "qianshao/v1/nanshan/city/alarm"
            head = {"source": events[0]["source"], "alarm": 0, "exercise": 0}
            city._heard(city.head_topic, json.dumps(head).encode())
            for event in (events[0], events[0], events[2]):
                city._heard(alarm, json.dumps(event).encode())
            await city.filling["alarm"]
            assert [(e["sequence"], e["refilled"]) for e in told] == [
                (1, False),
                (3, False),
                (2, True),
            ]
            assert asked == ["1"] and city.whole["alarm"] == 3
            city._heard(city.head_topic, json.dumps({**head, "alarm": 3}).encode())
            assert city.filling["alarm"].done()
            # the hub's ledger has another birth: its log counts from 1
            city._heard(city.head_topic, json.dumps({**head, "source": "other"}).encode())
            city._heard(alarm, json.dumps({**events[0], "source": "other"}).encode())
            assert [e["sequence"] for e in told] == [1, 3, 2, 1] and city.whole["alarm"] == 1

    asyncio.run(use())


def test_both_languages_have_every_word() -> None:
    text = (STATIC / "words.js").read_text("utf-8").partition("\nexport let")[0]
    zh, en = text.partition("\n  zh: {")[2].split("\n  en: {")
    words = [re.findall(r'(?<=[\s{,])("?[\w-]+"?): ["`({]', part) for part in (zh, en)]
    assert words[0] == words[1] and len(words[0]) > 100
