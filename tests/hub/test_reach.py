"""Nobody reachable is an alarm of its own, before anybody presses."""

import json
from typing import Any

from hub import store
from hub.channels.channel import Facts
from hub.channels.plan import plan
from hub.events import DeskHere, NoticeEnded, Notify
from hub.settings import Escalation, Settings
from tests.hub.room import Room


def said(room: Room) -> list[tuple[str, list[str]]]:
    rows = room.db.execute(
        "SELECT kind, body FROM ledger WHERE kind LIKE '%body_reachable' ORDER BY number"
    )
    return [(row["kind"], json.loads(row["body"])["streets"]) for row in rows]


def person(**more: Any) -> dict[str, Any]:
    way = {"channel": "command", "address": "8102"}
    return {"id": "sun", "name": "孙", "post": "", "hours": [], "ways": [way], **more}


def with_command() -> Room:
    escalation = Escalation(command=("call",))
    return Room(Settings(district="nanshan", name="n", escalation=escalation))


NOBODY: tuple[str, list[str]] = ("nobody_reachable", ["南山街道"])
OVER: tuple[str, list[str]] = ("somebody_reachable", [])


def test_it_is_told_once_without_a_press_and_when_it_is_over() -> None:
    room = Room()
    room.forward(14)
    assert said(room) == []  # desks and boards have a moment after the start
    room.forward(60)
    assert said(room) == [NOBODY]
    assert room.feed("alarm") == []
    room.listen()
    assert said(room) == [NOBODY, OVER]
    (last,) = room.db.execute("SELECT kind FROM troubles ORDER BY row DESC LIMIT 1")
    assert last["kind"] == "somebody_reachable"


def test_the_desk_that_leaves_last_is_told_when_it_leaves() -> None:
    room = Room()
    room.forward(30, desk=True)
    assert said(room) == []
    room.do(DeskHere("d1", "张伟", "officer", False))
    room.forward(1)
    assert said(room) == [NOBODY]


def test_a_pager_in_a_streets_duty_room_reaches_somebody_for_that_street_alone() -> None:
    room = Room()
    room.registry.offices = {"board-a3"}
    room.registry.streets = lambda: ["南山街道", "蛇口街道"]  # type: ignore[method-assign]
    room.do(room.heartbeat("board-a3"))
    room.forward(60)
    assert said(room) == [("nobody_reachable", ["蛇口街道"])]
    facts = Facts(room.db, room.registry, room.settings, broker_up=True)
    rings = [plan(facts, room.now().wall, each).rings for each in ("南山街道", "蛇口街道", None)]
    assert [len(each) for each in rings] == [1, 0, 1]


def test_a_pager_in_contact_reaches_somebody_until_it_is_lost() -> None:
    room = Room()
    room.do(room.heartbeat("board-a3"))
    room.forward(60)
    assert said(room) == []
    room.forward(40)
    assert said(room) == [NOBODY]


def test_a_pager_behind_a_silent_broker_reaches_nobody() -> None:
    room = Room()
    room.do(room.heartbeat("board-a3"))
    room.forward(30, echo=False)
    assert said(room) == [NOBODY]


def test_a_virtual_pager_wakes_nobody_where_real_boards_call() -> None:
    room = Room()
    room.registry.real = {"board-a1"}
    room.do(room.heartbeat("board-a3"))
    room.forward(20)
    assert said(room) == [NOBODY]


def test_a_person_on_duty_with_a_working_way_is_somebody() -> None:
    room = with_command()
    room.registry.told = [person()]
    room.forward(60)
    assert said(room) == []
    room.registry.told = []  # the shift is over
    room.forward(1)
    assert said(room) == [NOBODY]


def test_a_way_that_cannot_work_reaches_nobody() -> None:
    room = Room()
    room.registry.told = [person()]  # no command is configured
    room.forward(20)
    assert said(room) == [NOBODY]


def test_a_way_that_has_failed_is_not_counted_on_for_an_hour() -> None:
    room = with_command()
    room.registry.told = [person()]
    room.do(room.report("board-a1", "alarm"))
    room.forward(20)
    (notice,) = [each.notice for each in room.said if isinstance(each, Notify)]
    room.do(NoticeEnded(notice, "failed", "no line"))
    room.forward(1)
    assert said(room) == [NOBODY]
    room.ms += 3_600_000
    room.forward(2)
    assert said(room) == [NOBODY, OVER]


def test_a_streets_people_answer_for_their_street_only() -> None:
    room = with_command()
    room.registry.streets = lambda: ["南山街道", "蛇口街道"]  # type: ignore[method-assign]
    room.registry.told = [person(street="蛇口街道")]
    room.forward(20)
    assert said(room) == [NOBODY]


def test_a_replay_knows_it_too() -> None:
    room = Room()
    room.forward(20)
    before = store.dump(room.db)
    room.db.execute("PRAGMA user_version = 0")
    store.prepare(room.db, "nanshan", "feedfacecafe0001", room.now())
    assert store.dump(room.db) == before
