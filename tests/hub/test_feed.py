"""The city's numbered log: gapless, full state, receipts, tests apart."""

import json

from hub import store
from hub.city import feed
from hub.events import CityReceipt, CityTold
from tests.hub.room import Room


def events(room: Room, topic: str = "alarm", after: int = 0, limit: int = 1000):  # type: ignore[no-untyped-def]
    return [json.loads(event) for _, event in feed.events(room.db, topic, after, limit)]


def test_every_change_is_one_event_with_its_place_and_the_full_state() -> None:
    room = Room()
    room.listen()
    room.do(room.report("board-a1", "alarm", 1))
    incident = room.only()["id"]
    room.act("take", incident)
    room.act("outcome", incident, outcome="real")
    room.act("handed_on", incident, service="110")
    room.act("note", incident, text="已到场")
    room.act("close", incident)
    log = events(room)
    assert [e["sequence"] for e in log] == [str(n) for n in range(1, 7)]
    assert [e["data"]["change"] for e in log] == [
        "new",
        "taken",
        "verified",
        "handed_on",
        "note",
        "closed",
    ]
    first, last = log[0], log[-1]
    assert first["specversion"] == "1.0"
    assert first["type"] == "qianshao.incident.new"
    assert first["source"] == "qianshao/nanshan/feedfacecafe0001"
    assert first["id"].startswith(first["subject"] + "-")
    assert first["time"].endswith("+08:00")
    assert first["data"]["verification"] == "unverified"
    assert (last["data"]["state"], last["data"]["outcome"]) == ("closed", "real")
    assert last["data"]["handed_on"][0]["service"] == "110"
    for event in log:
        assert set(event["data"]) == set(first["data"])


def test_the_id_is_the_incident_and_the_ledger_row() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1))
    row = room.only()["opened_row"]
    assert room.only()["id"] == f"nanshan-feedface-{row}"
    assert events(room)[0]["id"] == f"nanshan-feedface-{row}-{row}"


def test_only_the_citys_receipt_makes_it_received_and_the_refill_shows_it() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1))
    id_ = events(room)[0]["id"]
    room.do(CityTold("alarm", 1))
    assert events(room)[0]["data"]["city_receipt"] is None
    receipt = json.dumps({"id": id_, "who": "市应急值班"}).encode()
    room.do(CityReceipt(receipt), CityReceipt(receipt))
    assert events(room)[0]["data"]["city_receipt"]["who"] == "市应急值班"
    assert room.ledger_kinds().count("city_received") == 1


def test_a_receipt_that_is_no_receipt_changes_nothing() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1))
    rows = len(room.ledger_kinds())
    for payload in (
        b"",
        b"\xff",
        b"[]",
        b'{"id": "x"}',
        b'{"id": "nope", "who": "c"}',
        b'{"id": 1, "who": "c"}',
        b'{"id": "x", "who": ""}',
    ):
        room.do(CityReceipt(payload))
    assert len(room.ledger_kinds()) == rows


def test_the_cursor_moves_only_forward() -> None:
    room = Room()
    room.do(*[room.report("board-a1", "alarm", n) for n in range(1, 6)])
    room.do(CityTold("alarm", 3), CityTold("alarm", 2))
    (row,) = room.db.execute("SELECT * FROM cursors").fetchall()
    assert row["sequence"] == 3
    told = room.db.execute("SELECT count(*) FROM feed WHERE told_wall IS NOT NULL").fetchone()[0]
    assert told == 3


def test_refills_come_in_order_and_in_portions() -> None:
    room = Room()
    room.do(*[room.report("board-a1", "alarm", n) for n in range(1, 11)])
    assert [e["sequence"] for e in events(room, after=4, limit=3)] == ["5", "6", "7"]
    assert events(room, after=10) == []


def test_the_head_names_both_sequences_and_the_ledgers_last_row() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1), room.report("board-a2", "test", 1))
    number, hash_ = room.hub.head
    assert feed.head(room.db) == {
        "source": "qianshao/nanshan/feedfacecafe0001",
        "alarm": 1,
        "exercise": 1,
        "ledger": number,
        "hash": hash_.hex(),
    }


def test_a_ledger_replays_to_equal_tables() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1), room.report("board-a2", "test", 1))
    room.forward(200)
    room.act("take", room.incidents()[0]["id"])
    before = store.dump(room.db)
    room.db.execute("PRAGMA user_version = 0")
    store.prepare(room.db, "nanshan", "feedfacecafe0001", room.now())
    assert store.dump(room.db) == before
