"""Levels and the leader's word: on record, told to the city, the last one stands."""

import json

import pytest

from hub import store
from hub.city import feed
from tests.hub.room import Room


def opened(kind: str = "alarm") -> tuple[Room, str]:
    room = Room()
    room.listen()
    room.do(room.report("board-a1", kind, 1))
    return room, room.only()["id"]


def test_a_level_is_recorded_told_to_the_city_and_may_change() -> None:
    room, incident = opened()
    room.act("grade", incident, level=2)
    room.act("grade", incident, level=1)
    assert room.only()["level"] == 1
    log = [json.loads(event)["data"] for _, event in feed.events(room.db, "alarm", 0, 10)]
    assert [(each["change"], each["level"]) for each in log] == [
        ("new", 0),
        ("graded", 2),
        ("graded", 1),
    ]
    room.act("grade", incident, level=0)
    assert room.only()["level"] == 0 and room.ledger_kinds().count("graded") == 3


@pytest.mark.parametrize("level", [5, -1, True, "2", None])
def test_no_other_level(level: object) -> None:
    room, incident = opened()
    assert room.act("grade", incident, level=level) == "bad_value"
    assert "graded" not in room.ledger_kinds()


def test_a_test_has_no_level() -> None:
    room, incident = opened("test")
    assert room.act("grade", incident, level=1) == "bad_value"


def test_the_leaders_word_asks_and_settles_nothing() -> None:
    room, incident = opened()
    room.act("take", incident)
    before = room.only()
    room.act("instruct", incident, text="  全力处置  ")
    after = room.only()
    assert (after["state"], after["progress_row"]) == ("taken", before["progress_row"])
    assert after["instructed_row"] == after["last_row"] > before["last_row"]
    (body,) = room.db.execute("SELECT body FROM ledger WHERE kind = 'instructed'").fetchone()
    assert json.loads(body)["text"] == "全力处置"
    assert room.act("instruct", incident, text="   ") == "bad_value"


def test_a_closed_incident_is_not_graded() -> None:
    room, incident = opened()
    room.act("take", incident)
    room.act("outcome", incident, outcome="real")
    room.act("close", incident)
    assert room.act("grade", incident, level=1) == "closed"
    assert room.only()["level"] == 0


def test_replayed_they_are_the_same() -> None:
    room, incident = opened()
    room.act("grade", incident, level=3)
    room.act("instruct", incident, text="速报")
    before = store.dump(room.db)
    room.db.execute("PRAGMA user_version = 0")
    store.prepare(room.db, "nanshan", "feedfacecafe0001", room.now())
    assert store.dump(room.db) == before
