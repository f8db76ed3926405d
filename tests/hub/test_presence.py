"""Boards, broker and what must not be mistaken for them."""

import pytest

from hub.events import Arrived, RegistryChanged, Ticked
from protocol import catalogue
from simulator.world.disk import open_database
from tests.hub.room import BOOT, START_WALL, Room, to_boards


def lost(room: Room) -> list[str]:
    rows = room.db.execute("SELECT board FROM equipment WHERE state = 'lost' ORDER BY board")
    return [row["board"] for row in rows]


def test_a_silent_board_is_lost_at_80_s_and_back_with_its_first_word() -> None:
    room = Room()
    room.do(room.heartbeat("board-a1"))
    room.forward(79)
    assert lost(room) == []
    room.forward(2)
    assert lost(room) == ["board-a1"]
    room.do(room.heartbeat("board-a1"))
    assert lost(room) == []


def test_the_last_will_tells_at_once_and_an_old_will_says_nothing() -> None:
    room = Room()
    room.do(room.heartbeat("board-a1"))
    room.do(room.message("board-a1", "gone", {"boot": "f" * 16}))
    room.forward(10)
    assert lost(room) == []
    room.do(room.message("board-a1", "gone", {"boot": BOOT}))
    room.forward(5)
    assert lost(room) == ["board-a1"]


def test_an_outage_of_the_broker_makes_no_lost_boards() -> None:
    room = Room()
    for board in room.registry.boards():
        room.do(room.heartbeat(board))
    room.forward(300, echo=False)
    assert lost(room) == []
    assert room.ledger_kinds().count("broker_silent") == 1
    room.forward(60)
    assert lost(room) == []
    assert room.ledger_kinds().count("broker_back") == 1
    room.forward(30)
    assert lost(room) == room.registry.boards()


def test_an_outage_of_the_hub_makes_no_lost_boards() -> None:
    room = Room()
    for board in room.registry.boards():
        room.do(room.heartbeat(board))
    room.ms += 3_600_000
    room.start()
    room.forward(79)
    assert lost(room) == []
    room.forward(3)
    assert lost(room) == room.registry.boards()


def test_equipment_never_becomes_an_incident_nor_reaches_the_city() -> None:
    room = Room()
    room.do(room.heartbeat("board-a1"))
    hello = {
        "boot": BOOT,
        "catalogue": "0" * 16,
        "firmware": "x",
        "lamps": 3,
        "keys": "alarm",
        "torn": 2,
    }
    room.do(room.message("board-a1", "hello", hello))
    room.forward(100)
    room.do(room.report("board-a1", "status", code="tamper"))
    assert room.incidents() == []
    assert room.feed() == room.feed("exercise") == []


def test_a_catalogue_mismatch_is_told_once_and_refuses_no_press() -> None:
    room = Room()
    hello = {
        "boot": BOOT,
        "catalogue": "0" * 16,
        "firmware": "x",
        "lamps": 3,
        "keys": "alarm",
        "torn": 0,
    }
    room.do(room.message("board-a1", "hello", hello))
    room.do(room.message("board-a1", "hello", hello))
    assert room.ledger_kinds().count("catalogue") == 1
    (receipt,) = to_boards(room.do(room.report("board-a1", "alarm")), "receipt")
    assert receipt["answer"] == "stored"
    good = {**hello, "catalogue": catalogue.catalogue_hash()}
    room.do(room.message("board-a1", "hello", good))
    row = room.db.execute("SELECT catalogue FROM equipment WHERE board = 'board-a1'").fetchone()
    assert row["catalogue"] == ""


def asked(room: Room, boot: str = BOOT) -> bool:
    """Whether the answer to a heartbeat asks the board to say hello."""
    (state,) = to_boards(room.do(room.heartbeat("board-a1", boot=boot)), "state")
    return "hello" in state


def test_a_start_that_the_hub_has_not_heard_say_hello_is_asked_to() -> None:
    room = Room()
    assert asked(room)  # the hub was not there when the board connected
    assert asked(room)  # and the answer may be lost
    room.do(room.hello("board-a1"))
    assert not asked(room)
    assert asked(room, "f" * 16)
    room.do(room.hello("board-a1", boot="f" * 16))
    assert not asked(room, "f" * 16)
    room.start()  # nothing of it was lost, but the program does not know
    assert asked(room, "f" * 16)


def test_what_may_not_be_told_yet_is_asked_for_until_it_is_told() -> None:
    room = Room()
    room.do(room.heartbeat("board-a1"))
    room.do(room.hello("board-a1", torn=1))
    room.forward(30)
    restarted = room.hello("board-a1", "alarm allwell", boot="f" * 16, torn=2)
    room.do(restarted)  # each of its facts at most once a minute
    assert asked(room, "f" * 16)
    room.forward(31)
    room.do(restarted)
    assert not asked(room, "f" * 16)
    assert room.ledger_kinds().count("torn_records") == 2
    assert room.ledger_kinds().count("board_here") == 2


def test_a_hello_that_cannot_be_read_is_not_asked_for_again() -> None:
    room = Room()
    assert asked(room)
    room.do(room.message("board-a1", "hello", {"boot": BOOT, "keys": "alarm"}))
    assert not asked(room)
    assert room.ledger_kinds().count("bad_message") == 1


def test_torn_records_are_told_also_by_a_late_hello_and_once_a_start() -> None:
    room = Room()
    room.do(room.heartbeat("board-a1"))  # it begins with no hello
    for _ in range(2):
        room.do(room.hello("board-a1", torn=2))
        room.forward(61)
    room.start()
    room.do(room.hello("board-a1", torn=2))
    assert room.ledger_kinds().count("torn_records") == 1
    room.do(room.hello("board-a1", torn=2, boot="f" * 16))
    assert room.ledger_kinds().count("torn_records") == 2
    room.same_after_replay()


def test_what_a_board_says_of_its_own_failures_is_told() -> None:
    room = Room()
    room.do(room.heartbeat("board-a1"))
    for _ in range(3):
        room.do(room.heartbeat("board-a1", dropped=2, refused=1))
    assert room.ledger_kinds().count("board_counts") == 1
    room.forward(61)
    room.do(room.heartbeat("board-a1", dropped=3, refused=1))
    assert room.ledger_kinds().count("board_counts") == 2


def test_a_hub_that_stood_still_blames_nobody() -> None:
    """Stopped for twenty seconds, it heard neither desks nor its own echo nor boards."""
    room = Room()
    room.do(room.heartbeat("board-a1"))
    room.forward(70, desk=True)
    incident = room.do(room.report("board-a2", "alarm")) and room.only()["id"]
    room.forward(2, desk=True)
    room.ms += 20_000
    room.do(Ticked())  # what has come meanwhile is read after it
    assert room.ledger_kinds().count("stalled") == 1

    for blame in ("broker_silent", "board_lost", "escalated", "paged"):
        assert blame not in room.ledger_kinds(), blame
    assert room.db.execute("SELECT count(*) FROM desks WHERE listening").fetchone()[0] == 1
    room.forward(30)  # from then on silence counts as ever
    assert "escalated" in room.ledger_kinds() and lost(room) == ["board-a1"]
    assert room.only()["id"] == incident
    room.same_after_replay()


def test_hellos_cannot_flood_the_ledger() -> None:
    room = Room()
    for n in range(200):
        hello = {
            "boot": f"{n:016x}",
            "catalogue": f"{n:016x}",
            "firmware": "x",
            "lamps": 3,
            "keys": "alarm",
            "torn": 2,
        }
        room.do(room.message("board-a1", "hello", hello))
    assert len(room.ledger_kinds()) < 8


def pressed_from(room: Room) -> int:
    """Of the last press, in ms of the room's steady clock."""
    wall = room.db.execute(
        "SELECT json_extract(body, '$.pressed_from') FROM ledger WHERE kind = 'reported'"
        " ORDER BY number DESC LIMIT 1"
    ).fetchone()[0]
    return int(wall) - START_WALL


def test_a_press_of_a_start_before_the_first_contact_is_dated_from_the_ledgers_beginning() -> None:
    room = Room()
    room.forward(30)
    room.do(room.report("board-a1", "alarm", boot="a" * 16, age_ms=2_000, reboots=1))
    assert pressed_from(room) == 1_000
    room.forward(30)  # a start that had begun before it was first heard
    room.do(room.heartbeat("board-a1", boot="b" * 16))
    room.forward(30)
    room.do(room.report("board-a1", "alarm", boot="b" * 16, age_ms=0, reboots=1))
    assert pressed_from(room) == 1_000


def test_a_start_begins_with_its_first_word_whatever_that_is() -> None:
    """Its hello may be lost, and what it offers first may be of an earlier start."""
    room = Room()
    known = 0
    for _ in range(3):
        known = room.ms
        room.do(room.heartbeat("board-a1"))
        room.forward(60)
    room.do(room.report("board-a1", "alarm", age_ms=0, reboots=1))
    room.forward(1)
    room.do(room.report("board-a1", "alarm", boot="b" * 16, age_ms=15_000))
    room.do(room.heartbeat("board-a1", boot="b" * 16))
    room.forward(20)
    room.do(room.report("board-a1", "alarm", boot="b" * 16, age_ms=0, reboots=1))
    assert pressed_from(room) == known
    room.same_after_replay()


def test_what_a_start_says_while_the_disk_is_full_does_not_date_its_own_presses() -> None:
    room = Room()
    db = open_database()
    room.db.backup(db)
    room.db = db
    room.start()
    room.do(room.heartbeat("board-a1"))
    known = room.ms
    room.forward(5)
    db.full = True
    large = RegistryChanged("hub", {}, {"boards": {"board-a2": {"note": "x" * 9000}}})
    for _ in range(3):
        room.ms += 10_000
        room.do(room.heartbeat("board-a1", boot="b" * 16), large)
    assert room.ledger_kinds().count("board_here") == 1  # nothing of it is on record
    db.full = False
    room.do(room.heartbeat("board-a1", boot="b" * 16))
    room.forward(5)
    room.do(room.report("board-a1", "alarm", boot="b" * 16, age_ms=0, reboots=1))
    assert pressed_from(room) == known


def test_a_start_that_the_disk_refused_does_not_date_an_older_one_whose_word_comes_late() -> None:
    room = Room()
    db = open_database()
    room.db.backup(db)
    room.db = db
    room.start()
    known = 0
    for _ in range(3):
        known = room.ms
        room.do(room.heartbeat("board-a1"))
        room.forward(60)
    large = RegistryChanged("hub", {}, {"boards": {"board-a2": {"note": "x" * 9000}}})
    younger = room.heartbeat("board-a1", boot="c" * 16)

    late = room.heartbeat("board-a1", boot="b" * 16)  # was under way all the time

    def refused(*words: Arrived) -> None:
        db.full = True
        room.ms += 1_000
        room.do(*words, large)
        db.full = False
        room.ms += 1_000

    refused(younger, late)
    refused(younger)
    room.do(late)
    refused(younger)
    room.do(younger)
    assert room.ledger_kinds().count("board_here") == 3
    for older in ("b" * 16, "c" * 16):
        room.do(room.report("board-a1", "alarm", boot=older, reboots=1))
        assert pressed_from(room) == known
    room.forward(130)
    room.do(room.heartbeat("board-a1", boot="d" * 16))
    room.do(room.report("board-a1", "alarm", boot="d" * 16, reboots=1))
    assert pressed_from(room) > known  # so long after them it can only be a younger one
    room.same_after_replay()


def test_what_it_has_not_worked_off_yet_may_be_older_still() -> None:
    room = Room()
    room.forward(20, desk=True)
    room.ms += 30_000
    room.do(Ticked())
    room.ms += 4_500
    room.do(Ticked())
    room.do(room.report("board-a1", "alarm"))
    assert room.only()["pressed_to"] - room.only()["pressed_from"] == 34_500


@pytest.mark.parametrize("ticks_first", [False, True])
def test_what_came_while_it_stood_still_may_have_been_pressed_then(ticks_first: bool) -> None:
    room = Room()
    room.forward(20, desk=True)
    room.ms += 21_000
    if ticks_first:
        room.do(Ticked())
    room.do(room.report("board-a1", "alarm"))
    first = room.only()
    assert (first["pressed_from"], first["pressed_to"]) == (
        room.now().wall - 21_000,
        room.now().wall,
    )
    room.forward(6)
    room.do(room.report("board-a2", "alarm"))
    second = room.incidents()[-1]
    assert second["pressed_from"] == second["pressed_to"]
