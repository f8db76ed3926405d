"""限制公开: a restricted site is whole for the district and its own street; the wall, other
streets and their boards have no name of it; the city is told, with the mark."""

import asyncio
import json
import re
from typing import Any

import pytest

from hub.desk.accounts import Accounts
from hub.events import Ticked
from tests.desk.client import Client, Stream
from tests.desk.fixture import PASSWORD, Served
from tests.hub.room import Room, to_boards

SECRET = "board-03"  # 南山自来水厂 of 南山街道
NAME = "南山自来水厂"


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.fixture
def hidden(served: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """The house in which one site is restricted."""
    board_of = served.live.registry.board

    def board(name: str) -> dict[str, Any] | None:
        facts = board_of(name)
        return {**facts, "restricted": name == SECRET, "access": "后门"} if facts else None

    monkeypatch.setattr(served.live.registry, "board", board)
    assert NAME in (board(SECRET) or {})["site_name"]
    return served


def of_street(served: Served, street: str) -> Client:
    """The duty room of that street."""
    accounts = Accounts(served.live.folder.working)
    asyncio.run(accounts.create("itself", "街道值班室", "street", PASSWORD, street))
    accounts.close()
    client = Client(served)
    client.login("itself")
    return client


def test_the_district_has_it_whole_and_the_wall_has_nothing(
    hidden: Served, officer: Client
) -> None:
    hidden.call(hidden.live.report, SECRET)
    assert NAME in officer.get("/").text and "0755-8600-03" in officer.get("/").text
    wall = officer.get("/wall").text
    assert NAME not in wall and "待处理 0" in plain(wall)
    stream = Stream(officer, view="wall")
    _, state = stream.next()
    stream.close()
    assert NAME not in json.dumps(state, ensure_ascii=False)


def test_it_stays_off_the_wall_when_the_mark_is_taken_away_later(
    hidden: Served, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden.call(hidden.live.report, SECRET)
    monkeypatch.undo()
    assert NAME not in officer.get("/wall").text


def test_its_own_street_acts_on_it(hidden: Served) -> None:
    incident = hidden.call(hidden.live.report, SECRET)
    own = of_street(hidden, "南山街道")
    assert NAME in own.get("/").text
    assert own.act("take", incident).json["code"] == "ok"
    assert NAME in own.get("/duty").text


def test_another_street_has_neither_incident_nor_name_nor_contact(
    hidden: Served, officer: Client
) -> None:
    live = hidden.live
    incident = hidden.call(live.report, SECRET)
    hidden.call(live.report, SECRET, "status", code="tamper")
    other = Client(hidden)
    other.login("shekou")
    assert other.get(f"/pane?incident={incident}").status == 404
    for path in ("/", "/duty", "/who"):
        text = other.get(path).text
        assert NAME not in text and "0755-8600-03" not in text, path
        assert SECRET not in text and "南山街道" not in text, path
    assert NAME in officer.get("/duty").text


def feed(served: Served) -> list[dict[str, Any]]:
    rows = served.live.db.execute("SELECT event FROM feed ORDER BY sequence").fetchall()
    return [json.loads(row["event"])["data"] for row in rows]


def test_the_city_is_told_with_the_mark(hidden: Served) -> None:
    hidden.call(hidden.live.report, SECRET)
    hidden.call(hidden.live.report, "board-04")
    told = {each["board"]: each for each in hidden.call(feed, hidden)}
    assert told[SECRET]["restricted"] is True and told[SECRET]["site_name"] == NAME
    assert told["board-04"]["restricted"] is False


def test_another_sites_pager_board_shows_the_street_only() -> None:
    room = Room()
    board_of = room.registry.board

    def board(board: str) -> dict[str, Any] | None:
        facts = board_of(board)
        return {**facts, "restricted": board == "board-a1"} if facts else None

    room.registry.board = board  # type: ignore[method-assign]
    room.do(room.report("board-a1", "alarm"), Ticked())
    room.forward(20)
    room.do(room.heartbeat("board-a3"))
    names = [o["alert"]["site"] for o in to_boards(room.said, "order") if "alert" in o]
    names += [a["site"] for each in to_boards(room.said, "state") for a in each["alerts"]]
    assert set(names) == {"南山街道"}
    room.same_after_replay()
