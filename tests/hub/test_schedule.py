"""定时点名: the hub calls the roll at its times, each once."""

from datetime import datetime

from hub.city.feed import LOCAL
from hub.duty import asks, schedule
from hub.duty.day import DAY_MS, day_of, time_of_day
from hub.settings import Duty, Settings
from tests.hub.room import Room

MINUTE_MS = 60_000
AT = "16:00 08:30"


def room_at(hours: str, at: str = AT) -> Room:
    """A room that starts a minute before that time of the next day."""
    room = Room()
    room.ms += time_of_day(room.now().wall + DAY_MS, hours) - MINUTE_MS - room.now().wall
    room.do(room.hello("board-a1"))  # a row of that hour: the hub ran until now
    back(room, at=at)
    return room


def back(room: Room, after_minutes: float = 0, at: str = AT) -> None:
    """The hub was down for so long, and starts again."""
    room.ms += int(after_minutes * MINUTE_MS)
    room.settings = Settings(district="nanshan", name="值班室", duty=Duty(roll_calls=at))
    room.start()


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


def test_a_hub_that_is_back_within_ten_minutes_calls_what_was_due() -> None:
    room = room_at("08:30")
    back(room, 9)
    room.forward(1)
    assert len(calls(room)) == 1
    assert room.troubles("roll_call_missed") == []


def test_a_hub_that_dies_between_a_row_and_its_pass_calls_when_it_is_back() -> None:
    room = room_at("08:30")
    room.ms += MINUTE_MS + 500
    room.do(room.report("board-a1", "test"))
    assert calls(room) == []
    back(room)
    room.forward(1)
    assert len(calls(room)) == 1


def test_what_could_not_be_called_in_time_is_said_once() -> None:
    room = room_at("08:30")
    back(room, 12)
    room.forward(60)
    assert calls(room) == []
    assert room.troubles("roll_call_missed") == ["08:30"]
    back(room, 1)
    room.forward(60)
    assert room.troubles("roll_call_missed") == ["08:30"]


def test_two_that_a_long_outage_cost_are_one_entry_and_the_next_is_called() -> None:
    room = room_at("08:30")
    back(room, 8 * 60)
    room.forward(1)
    assert calls(room) == [] and room.troubles("roll_call_missed") == ["08:30 16:00"]
    room.ms += time_of_day(room.now().wall + DAY_MS, "08:30") - room.now().wall
    room.forward(1)
    assert len(calls(room)) == 1
    assert room.troubles("roll_call_missed") == ["08:30 16:00"]


def test_a_time_entered_after_it_had_passed_was_not_missed() -> None:
    room = room_at("08:30", at="")
    room.forward(3600)
    room.act("open_roll_call", "", sites="all", minutes=5)
    back(room)
    room.forward(60)
    assert [each.by for each in calls(room)] == ["张伟"]
    assert room.troubles("roll_call_missed") == []


def test_where_nobody_is_to_be_asked_nothing_is_missed() -> None:
    room = room_at("08:30")
    until = day_of(room.now().wall + DAY_MS)
    for board in ("board-a1", "board-a2", "board-a3"):
        room.act("out_of_service", "", board=board, until=until, reason="换电池")
    room.forward(1200)
    room.act("in_service", "", board="board-a1")
    room.forward(60)
    assert calls(room) == [] and room.troubles("roll_call_missed") == []


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
