"""The daily all-well report: whose is due, who has sent it, who is missing at the deadline."""

from datetime import datetime

from hub.city.feed import LOCAL
from hub.duty import allwell
from hub.duty.day import day_of
from hub.settings import Duty, Settings
from tests.hub.room import Room

KEYS = "alarm abnormal allwell confirm"


def morning(at: str = "16:00") -> Room:
    """Two of three boards have the key; it is eight in the morning of the next day."""
    room = Room(Settings(district="nanshan", name="值班室", duty=Duty(allwell_at=at)))
    now = datetime.fromtimestamp(room.now().wall // 1000, LOCAL)
    eight = now.replace(hour=8, minute=0, second=0, microsecond=0)
    room.ms += int((eight.timestamp() + 86_400) * 1000) - room.now().wall
    room.do(room.hello("board-a1", KEYS), room.hello("board-a2", KEYS), room.hello("board-a3"))
    return room


def daily(room: Room) -> allwell.Daily:
    at = room.settings.duty.allwell_at
    return allwell.today(room.db, room.registry, room.now().wall, at)


def to(room: Room, hours: float) -> None:
    """The clock goes to so many hours after eight."""
    room.ms += int(hours * 3_600_000)
    room.forward(1)


def test_it_is_due_where_a_board_has_the_key() -> None:
    room = morning()
    assert [each.site for each in daily(room).missing] == ["site-board-a1", "site-board-a2"]
    room.do(room.report("board-a1", "allwell"))
    assert [(each.site, each.at is None) for each in daily(room).due] == [
        ("site-board-a2", True),
        ("site-board-a1", False),
    ]
    assert room.incidents() == []


def test_at_the_deadline_who_is_missing_is_told_once() -> None:
    room = morning()
    room.do(room.report("board-a1", "allwell"))
    to(room, 7.9)
    assert "allwell_due" not in room.ledger_kinds()
    to(room, 0.2)
    assert room.troubles("allwell_missing") == ["1"]
    to(room, 1)
    room.start()
    to(room, 1)
    assert room.ledger_kinds().count("allwell_due") == 1
    room.do(room.report("board-a2", "allwell"))
    assert [each.late for each in daily(room).due] == [False, True]


def test_nothing_is_told_when_all_have_reported() -> None:
    room = morning()
    room.do(room.report("board-a1", "allwell"), room.report("board-a2", "allwell"))
    to(room, 9)
    assert room.ledger_kinds().count("allwell_due") == 1
    assert room.troubles("allwell_missing") == []


def test_the_next_day_is_a_new_one_and_a_report_counts_for_its_own() -> None:
    room = morning()
    room.do(room.report("board-a1", "allwell"))
    to(room, 24)
    assert len(daily(room).missing) == 2
    room.do(room.report("board-a2", "allwell", age_ms=20 * 3_600_000))  # kept since yesterday
    assert len(daily(room).missing) == 2


def test_duress_counts_as_one() -> None:
    room = morning()
    room.do(room.report("board-a1", "duress"))
    assert [each.site for each in daily(room).missing] == ["site-board-a2"]


def test_no_deadline_and_no_key_ask_for_nothing() -> None:
    room = morning(at="")
    to(room, 12)
    assert "allwell_due" not in room.ledger_kinds()
    room = Room()
    to(room, 30)
    assert "allwell_due" not in room.ledger_kinds()


def test_a_duty_room_that_began_after_the_deadline_misses_nobody() -> None:
    room = Room(Settings(district="nanshan", name="值班室", duty=Duty(allwell_at="00:00")))
    room.do(room.hello("board-a1", KEYS))
    room.forward(5)
    assert "allwell_due" not in room.ledger_kinds()
    to(room, 24)
    assert room.ledger_kinds().count("allwell_due") == 1


def test_what_is_out_of_service_owes_none() -> None:
    room = morning()
    until = day_of(room.now().wall)
    assert room.act("out_of_service", "", site="site-board-a1", until=until, reason="x") == "ok"
    assert [each.site for each in daily(room).due] == ["site-board-a2"]


def test_what_is_offered_again_still_counts() -> None:
    room = morning()
    room.do(room.report("board-a1", "allwell", was="stored"))
    assert len(daily(room).missing) == 1


def test_a_replay_makes_the_same_tables() -> None:
    room = morning()
    room.do(room.report("board-a1", "allwell"), room.report("board-a2", "duress"))
    to(room, 9)
    room.same_after_replay()
