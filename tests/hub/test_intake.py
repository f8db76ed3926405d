"""Bad input, floods, losses, a full disk: what is refused, put off, or said by name."""

import json
import sqlite3

import pytest

from hub.events import Arrived, DiskState
from simulator.world.disk import open_database
from tests.hub.room import BOOT, Room, to_boards


def receipts(room: Room, *events: Arrived) -> list[str]:
    return [r["answer"] for r in to_boards(room.do(*events), "receipt")]


def test_a_malformed_report_with_a_name_is_refused_by_name_and_counted_once() -> None:
    room = Room()
    bad = room.report("board-a1", "scream", 1)
    assert receipts(room, bad) == ["refused"]
    assert receipts(room, bad) == ["refused"]
    assert room.ledger_kinds().count("refused") == 1


def test_garbage_is_counted_in_one_row_a_minute() -> None:
    room = Room()
    junk = [b"\xff\xfe", b"[" * 3000, b"{}", b"null", b"1" * 5000, b'{"boot": "\xed\xa0\x80"}']
    for payload in junk * 20:
        room.do(Arrived("board-a1", "report", payload))
    assert room.ledger_kinds().count("bad_message") == 1
    room.forward(61)
    room.do(Arrived("board-a1", "report", b"{}"))
    rows = room.db.execute("SELECT body FROM ledger WHERE kind = 'bad_message'").fetchall()
    assert [json.loads(row["body"])["count"] for row in rows] == [1, 120]


def test_words_that_no_board_says_are_counted() -> None:
    room = Room()
    press = {"press": f"{BOOT}:1", "state": "closed"}
    for word in ("fate", "receipt", "nonsense", "x" * 500):
        assert room.do(room.message("board-a1", word, press)) is not None
    (row,) = room.db.execute("SELECT body FROM ledger WHERE kind = 'bad_message'").fetchall()
    assert "no board says 'fate'" in json.loads(row["body"])["why"]
    assert "board_here" not in room.ledger_kinds()


def test_a_board_that_the_registry_lacks_for_a_moment_is_put_off_and_stored_once() -> None:
    room = Room()
    old = room.report("board-a1", "alarm", 1)
    assert receipts(room, old) == ["stored"]
    room.registry.lacking.add("board-a1")
    new = room.report("board-a1", "alarm", 2)
    (receipt,) = to_boards(room.do(new), "receipt")
    assert (receipt["answer"], receipt["after_ms"]) == ("later", 5000)
    # a receipt that was given stands, and the same is said once a minute
    assert receipts(room, old, new, room.heartbeat("board-a1")) == ["stored", "later"]
    assert room.only()["presses"] == 1 and room.ledger_kinds().count("bad_message") == 1
    assert room.troubles("bad_message")[0].endswith("missing.no_board")
    room.registry.lacking.clear()
    assert receipts(room, new, new) == ["stored", "stored"]
    assert room.only()["presses"] == 2


def test_malformed_is_refused_whoever_says_it() -> None:
    room = Room()
    assert receipts(room, room.report("stranger", "scream")) == ["refused"]


def test_a_flood_is_put_off_and_others_are_not() -> None:
    room = Room()
    answers = receipts(room, *[room.report("board-a1", "alarm") for _ in range(200)])
    assert answers.count("stored") == room.settings.intake.burst
    assert answers.count("later") == 200 - room.settings.intake.burst
    assert receipts(room, room.report("board-a2", "alarm", 1)) == ["stored"]
    assert room.incidents()[0]["presses"] == room.settings.intake.burst


def test_a_missing_number_is_a_loss_said_by_name_once() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1), room.report("board-a1", "alarm", 4))
    room.do(room.heartbeat("board-a1", waiting_from=5))
    room.do(room.heartbeat("board-a1", waiting_from=5))
    room.start()
    room.do(room.heartbeat("board-a1", waiting_from=5))
    (row,) = room.db.execute("SELECT body FROM ledger WHERE kind = 'missing'").fetchall()
    assert json.loads(row["body"]) == {"board": "board-a1", "boot": BOOT, "numbers": [2, 3]}


def test_the_heartbeat_is_answered_with_each_press_and_the_settings() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1))
    effects = room.do(room.heartbeat("board-a1", open=[f"{BOOT}:1", f"{BOOT}:9"]))
    (state,) = to_boards(effects, "state")
    assert [(p["press"], p["state"]) for p in state["presses"]] == [
        (f"{BOOT}:1", "stored"),
        (f"{BOOT}:9", "unknown"),
    ]
    (order,) = to_boards(effects, "order")
    assert order["version"] == state["settings"]
    assert to_boards(room.do(room.heartbeat("board-a1", settings=order["version"])), "order") == []


def test_a_full_disk_answers_later_and_heals_by_itself() -> None:
    room = Room()
    db = open_database()
    room.db.backup(db)
    room.db = db
    room.start()
    db.full = True
    effects = []
    for _ in range(60):  # the pages at hand may hold a few more rows
        effects += room.do(room.report("board-a1", "alarm", age_ms=0, text="x" * 200))
        room.ms += 1000
    answers = [r["answer"] for r in to_boards(effects, "receipt")]
    assert answers[-1] == "later"
    assert any(isinstance(e, DiskState) and e.error for e in effects)
    stored = room.ledger_kinds().count("reported")
    assert answers.count("stored") == stored
    db.full = False
    assert receipts(room, room.report("board-a1", "alarm", room.number)) == ["stored"]


def test_a_report_the_hub_stumbles_over_is_kept_raw_and_gets_its_receipt() -> None:
    room = Room()
    good = room.report("board-a2", "alarm", 1)

    def stumble(board: str) -> dict[str, object]:
        return {"site": "s", "site_name": "n", "street": object(), "simulated": 1}

    real = room.registry.board
    room.registry.board = (  # type: ignore[method-assign]
        lambda board: stumble(board) if board == "board-a1" else real(board)
    )
    answers = receipts(room, room.report("board-a1", "alarm", 1), good)
    assert answers == ["stored", "stored"]
    assert room.ledger_kinds().count("unprocessed") == 1
    assert {i["board"] for i in room.incidents()} == {"board-a1", "board-a2"}
    assert receipts(room, room.report("board-a1", "alarm", 1)) == ["stored"]


def test_the_ledger_can_be_neither_changed_nor_shortened() -> None:
    room = Room()
    for sql in ("UPDATE ledger SET actor = 'x'", "DELETE FROM ledger"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            room.db.execute(sql)
