"""定时点名: the hub calls the roll at its times, each once."""

from datetime import datetime

from hub.city.feed import LOCAL
from hub.duty import asks, schedule
from hub.duty.day import DAY_MS, day_of, time_of_day
from hub.settings import Duty, Settings
from tests.hub.room import Room

MINUTE_MS = 60_000
AT = "16:00 08:30"


def room_at(hours: str, before_s: int = 60) -> Room:
    """A room whose clock stands so long before that time of the next day."""
    room = Room(Settings(district="nanshan", name="值班室", duty=Duty(roll_calls=AT)))
    wall = time_of_day(room.now().wall + DAY_MS, hours)
    room.offset += wall - before_s * 1000 - room.now().wall
    return room


def calls(room: Room) -> list[asks.Ask]:
    return asks.latest(room.db, "roll_call", 10)


def test_at_its_time_every_site_is_asked_once() -> None:
    room = room_at("08:30")
    room.forward(59)
    assert calls(room) == []
    room.forward(1)
    (call,) = calls(room)
    assert (call.by, call.text, len(call.replies)) == ("hub", "", 3)
    assert call.until - call.opened == schedule.MINUTES * MINUTE_MS
    room.forward(schedule.MINUTES * 60 + 1)
    (ended,) = calls(room)
    assert ended.ended is not None and len(ended.missing) == 3
    assert [row["kind"] for row in room.db.execute("SELECT kind FROM troubles")][-1:] == [
        "roll_call_missing"
    ]


def test_what_is_out_of_service_is_not_asked() -> None:
    room = room_at("08:30")
    until = day_of(room.now().wall + DAY_MS)
    room.act("out_of_service", "", board="board-a1", until=until, reason="换电池")
    room.forward(61)
    (call,) = calls(room)
    assert [each.site for each in call.replies] == ["site-board-a2", "site-board-a3"]


def test_a_clock_that_is_set_back_calls_no_second_time() -> None:
    room = room_at("08:30")
    room.forward(61)
    room.offset -= 5 * MINUTE_MS
    room.forward(6 * 60)
    assert len(calls(room)) == 1


def test_a_persons_roll_call_is_none_of_the_schedule() -> None:
    room = room_at("08:30")
    room.act("open_roll_call", "", sites="all", minutes=5)
    room.forward(61)
    assert [each.by for each in calls(room)] == ["hub", "张伟"]


def test_what_was_missed_for_long_is_left_to_the_next_one() -> None:
    room = room_at("08:30")
    room.ms += 9 * MINUTE_MS
    room.forward(1)
    assert len(calls(room)) == 1  # a hub that was down for some minutes
    late = room_at("08:30")
    late.ms += 12 * MINUTE_MS
    late.forward(1)
    assert calls(late) == []


def test_a_new_hub_calls_nothing_that_was_before_it() -> None:
    born = Room().now().wall
    at = f"{datetime.fromtimestamp(born / 1000, LOCAL):%H:%M}"
    room = Room(Settings(district="nanshan", name="值班室", duty=Duty(roll_calls=at)))
    room.forward(1)
    assert 0 <= born - time_of_day(born, at) < schedule.LATE_MS and calls(room) == []


def test_the_next_one_is_today_or_tomorrow() -> None:
    morning = time_of_day(1_780_000_000_000, "08:30")
    assert schedule.coming(morning - 1, AT) == morning
    assert schedule.coming(morning, AT) == time_of_day(morning, "16:00")
    evening = time_of_day(morning, "16:00")
    assert schedule.coming(evening, AT) == morning + DAY_MS
    assert schedule.coming(evening, "") is None
