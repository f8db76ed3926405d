"""The street's page: what it says of boards, and who may press."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from simulator.street_page import DARK, Street, Wall, app
from tests.simulator.board_process import BOARD, board_process


class Process:
    """Whether the board's process runs: said by the test."""

    def __init__(self) -> None:
        self.state = "running"

    def __call__(self) -> str:
        return self.state


def street(folder: Path, process: Process) -> Street:
    wall = Wall(BOARD, "东湖第一小学", "东湖街道", "校门岗亭", 3, False, False, folder, process)
    return Street([wall], {"name": "演示区", "desk": "/", "interpreter": {"zh": "", "en": ""}})


def panel(**lamps: str) -> bytes:
    value = {
        "id": BOARD,
        "lamps": {**DARK, **lamps},
        "grey": "off",
        "display": "正常",
        "tones": [],
    }
    return json.dumps(value).encode()


def only(street: Street) -> dict[str, Any]:
    (board,) = street.boards()
    return board


def test_boards_json_has_five_words_for_a_lamp() -> None:
    here = street(Path(), Process())
    for pattern, said in {"blink3": "blip", "double3": "blip", "slow": "slow", "on": "on"}.items():
        here.heard(BOARD, panel(calling=pattern))
        assert only(here)["lamps"] == {**DARK, "calling": said}
    assert only(here) == {
        "id": BOARD,
        "site": "东湖第一小学",
        "place": "校门岗亭",
        "lamps": {**DARK, "calling": "on"},
        "display": "正常",
        "alive": True,
        "frozen": False,
    }


def test_a_dead_board_is_dark_and_says_nothing_old_when_it_is_back() -> None:
    process = Process()
    here = street(Path(), process)
    here.heard(BOARD, panel(calling="on", stored="on"))
    process.state = "frozen"
    assert only(here)["alive"] and only(here)["frozen"] and only(here)["lamps"]["stored"] == "on"
    process.state = "dead"
    assert not only(here)["alive"] and only(here)["lamps"] == DARK and only(here)["display"] == ""
    process.state = "running"
    assert only(here)["lamps"] == DARK


def test_noise_on_stdout_is_no_panel() -> None:
    here = street(Path(), Process())
    for line in (b"Traceback\n", b"[]", b'{"id": "another"}', b"\xff\n"):
        here.heard(BOARD, line)
    assert here.panels == {}


def test_heard_means_answered_by_the_hub() -> None:
    here = street(Path(), Process())
    for lamps, heard in (
        ({"fault": "blink3"}, False),
        ({"fault": "slow"}, False),
        ({"calling": "blip"}, True),
        ({"calling": "on", "stored": "on", "fault": "slow"}, True),
        ({"calling": "fast", "fault": "fast"}, False),
    ):
        here.heard(BOARD, panel(**lamps))
        assert here.all_heard() is heard, lamps


def test_a_viewer_sees_every_board_and_then_each_change() -> None:
    async def look() -> list[Any]:
        here = street(Path(), Process())
        changes = here.changes()
        seen = [await anext(changes)]
        here.heard(BOARD, panel(calling="fast"))
        seen.append(await anext(changes))
        await changes.aclose()  # type: ignore[attr-defined]
        assert here.viewers == set()
        return seen

    first, second = asyncio.run(look())
    assert first["lamps"] == DARK and second["lamps"]["calling"] == "fast"


def test_the_page_and_its_keys(tmp_path: Path) -> None:
    async def visit() -> None:
        here = street(tmp_path, Process())
        async with TestClient(TestServer(app(here))) as client:
            for path in ("/", "/street.css", "/street.js", "/street-words.js", "/boards.json"):
                response = await client.get(path)
                assert response.status == 200
                assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
                assert "://" not in (await response.text())
            origin = str(client.make_url("/").origin())
            key = {"board": BOARD, "key": "red"}
            pressed = await client.post("/press", json=key, headers={"Origin": origin})
            assert await pressed.json() == {"outcome": "saved"}
            nothing = {"board": BOARD, "key": "grey"}
            idle = await client.post("/press", json=nothing, headers={"Origin": origin})
            assert await idle.json() == {"outcome": "nothing"}
            assert (await client.post("/press", json=key)).status == 403
            elsewhere = {"Origin": "http://127.0.0.1:1"}
            assert (await client.post("/press", json=key, headers=elsewhere)).status == 403
            unknown = {"board": "other", "key": "red"}
            found = await client.post("/press", json=unknown, headers={"Origin": origin})
            assert found.status == 404
            rebound = await client.get("/boards.json", headers={"Host": "example.org"})
            assert rebound.status == 403

    with board_process(tmp_path):
        asyncio.run(visit())


def test_both_languages_have_every_word() -> None:
    text = (Path(__file__).parents[2] / "simulator/static/street_words.js").read_text("utf-8")
    zh, en = text.partition("\n  zh: {")[2].split("\n  en: {")
    words = [re.findall(r'(?<=[\s{,])("?[\w-]+"?): ["`({]', part) for part in (zh, en)]
    assert words[0] == words[1] and len(words[0]) > 50
