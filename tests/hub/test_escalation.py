"""Untaken, taken and silent, nobody listening: expect - forward - expect."""

import json

from hub.events import CommandRan, RunCommand
from hub.settings import Escalation, Settings
from tests.hub.room import Room, to_boards


def test_untaken_goes_to_pagers_at_30_s_and_to_the_city_at_60_s_each_once() -> None:
    room = Room()
    room.listen()
    room.do(room.report("board-a1", "alarm"))
    room.forward(29, desk=True)
    assert "paged" not in room.ledger_kinds()
    room.forward(1, desk=True)
    assert room.ledger_kinds().count("paged") == 1
    room.forward(29, desk=True)
    assert "escalated" not in room.changes()
    room.forward(1, desk=True)
    assert room.changes() == ["new", "escalated"]
    room.forward(600, desk=True)
    assert room.ledger_kinds().count("paged") == 1
    assert room.changes() == ["new", "escalated"]


def test_a_streets_duty_room_rings_for_its_own_street_alone() -> None:
    room = Room()
    room.registry.streets_of = {"board-a1": "蛇口街道"}
    room.registry.offices = {"board-a3"}
    for board in ("board-a1", "board-a2"):
        room.do(room.report(board, "alarm"))
    room.forward(1)
    rows = room.db.execute("SELECT body FROM ledger WHERE kind = 'paged' ORDER BY number")
    assert [json.loads(row["body"])["boards"] for row in rows] == [[], ["board-a3"]]
    room.registry.offices = set()
    room.registry.streets_of = {"board-a3": "蛇口街道"}  # in no duty room: for the district
    room.act("take", room.incidents()[1]["id"])
    room.do(room.report("board-a2", "alarm"))
    room.forward(1)
    rows = room.db.execute("SELECT body FROM ledger WHERE kind = 'paged' ORDER BY number")
    assert json.loads(rows.fetchall()[-1]["body"])["boards"] == ["board-a3"]


def test_with_no_desk_listening_all_of_it_happens_at_once_and_the_board_is_told() -> None:
    room = Room()
    (receipt,) = to_boards(room.do(room.report("board-a1", "alarm")), "receipt")
    assert receipt["listening"] is False
    room.forward(1)
    assert room.changes() == ["new", "escalated"]
    assert "paged" in room.ledger_kinds()


def test_a_desk_that_falls_asleep_stops_listening_and_boards_hear_of_it() -> None:
    room = Room()
    room.listen()
    room.do(room.report("board-a1", "alarm"))
    room.forward(5, desk=True)
    room.said.clear()
    room.forward(16)
    states = to_boards(room.said, "state")
    assert states[-1]["listening"] is False
    assert room.changes() == ["new", "escalated"]


def test_a_listening_desk_counts_for_15_s_after_the_hub_starts_again() -> None:
    room = Room()
    room.listen()
    room.start()
    room.do(room.report("board-a1", "alarm"))
    room.forward(14)
    assert room.changes() == ["new"]
    room.forward(2)
    assert room.changes() == ["new", "escalated"]


def test_a_pager_rings_each_2_s_until_it_answers() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1))
    room.said.clear()
    room.forward(10)
    orders = to_boards(room.said, "order")
    assert 4 <= len(orders) <= 6
    assert all(order["alert"]["incident"] == room.only()["id"] for order in orders)
    room.do(room.report("board-a3", "answer", 1, about=room.only()["id"], code="heard"))
    room.said.clear()
    room.forward(10)
    assert to_boards(room.said, "order") == []
    assert room.only()["state"] == "untaken"


def test_a_pager_can_take_it_and_the_presser_sees_it() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1))
    room.forward(2)
    effects = room.do(room.report("board-a3", "answer", 1, about=room.only()["id"], code="taken"))
    assert room.only()["state"] == "taken"
    assert room.only()["taken_by"] == "学校 board-a3"
    assert [s["presses"][0]["state"] for s in to_boards(effects, "state")] == ["taken"]


def test_an_incidents_own_board_is_never_alerted() -> None:
    room = Room()
    room.do(room.report("board-a3", "alarm"))
    room.said.clear()
    room.forward(5)
    assert to_boards(room.said, "order") == []


def test_taken_and_silent_for_15_minutes_is_asked_again() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm"))
    room.act("take", room.only()["id"])
    room.forward(890, desk=True)
    room.act("note", room.only()["id"], text=".")
    room.forward(9, desk=True)
    assert "reminded" not in room.ledger_kinds()
    room.forward(2, desk=True)
    assert room.ledger_kinds().count("reminded") == 1
    room.forward(899, desk=True)
    assert room.ledger_kinds().count("reminded") == 2


def test_an_outcome_or_a_next_time_is_progress_and_the_next_time_comes() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm"))
    room.act("take", room.only()["id"])
    room.act("next_time", room.only()["id"], wall=room.now().wall + 1_200_000)
    room.forward(1199, desk=True)
    assert "reminded" not in room.ledger_kinds()
    room.forward(2, desk=True)
    assert room.ledger_kinds().count("reminded") == 1


def test_the_configured_command_runs_and_is_due_until_its_end_is_on_record() -> None:
    settings = Settings(
        district="nanshan", name="n", escalation=Escalation(command=("ring-the-bell",))
    )
    room = Room(settings)
    room.do(room.report("board-a1", "alarm"))
    room.forward(1)
    assert RunCommand(room.only()["id"]) in room.said
    room.said.clear()
    room.start()
    assert RunCommand(room.only()["id"]) in room.said
    room.do(CommandRan(room.only()["id"], 0, ""))
    room.said.clear()
    room.start()
    assert RunCommand(room.only()["id"]) not in room.said


def test_a_wall_clock_step_moves_no_deadline_and_is_a_row_of_its_own() -> None:
    room = Room()
    room.listen()
    room.do(room.report("board-a1", "alarm"))
    room.forward(10, desk=True)
    room.offset += 86_400_000
    room.forward(19, desk=True)
    assert "paged" not in room.ledger_kinds()
    assert room.ledger_kinds().count("clock_step") == 1
    room.forward(2, desk=True)
    assert "paged" in room.ledger_kinds()


def test_an_answer_long_under_way_takes_nothing_that_was_pressed_again() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1))
    room.forward(2)
    incident = room.only()["id"]
    room.act("take", incident)
    room.forward(5)
    room.do(room.report("board-a1", "alarm", 80))
    room.forward(2)
    room.do(room.report("board-a3", "answer", 1, about=incident, code="taken", age_ms=8_000))
    assert room.only()["state"] == "untaken"
    room.do(room.report("board-a3", "answer", 2, about=incident, code="taken"))
    assert room.only()["state"] == "taken"


def test_a_board_that_was_not_rung_takes_nothing() -> None:
    room = Room()
    room.listen()
    room.do(room.report("board-a1", "alarm", 1))
    for board in ("board-a1", "board-a2", "board-a3"):
        room.do(room.report(board, "answer", 50, about=room.only()["id"], code="taken"))
    assert room.only()["state"] == "untaken"


def test_a_pager_that_has_heard_it_may_still_take_it() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1))
    room.forward(2)
    incident = room.only()["id"]
    room.do(room.report("board-a3", "answer", 1, about=incident, code="heard"))
    (state,) = to_boards(room.do(room.heartbeat("board-a3")), "state")
    assert [alert["incident"] for alert in state["alerts"]] == [incident]


def test_nothing_rings_where_nothing_may_show() -> None:
    room = Room()
    room.registry.sites = {"board-a1": "bank", "board-a3": "bank"}
    room.do(room.report("board-a1", "duress", 1))
    room.said.clear()
    room.forward(5)
    assert to_boards(room.said, "order") == []
    room.do(room.report("board-a2", "duress", 1))
    room.forward(5)
    assert len(to_boards(room.said, "order")) > 0


def test_a_pager_answered_under_duress_counts_for_nobody_and_rings_there_no_more() -> None:
    for code in ("taken", "heard"):
        room = Room()
        room.do(room.report("board-a1", "alarm"))
        room.forward(2)
        incident = room.only()["id"]
        room.do(room.report("board-a3", "duress"))
        room.do(room.report("board-a3", "answer", about=incident, code=code))
        (state,) = to_boards(room.do(room.heartbeat("board-a3")), "state")
        alerts = [incident] if code == "heard" else []  # as after any such answer
        assert [each["incident"] for each in state["alerts"]] == alerts
        room.said.clear()
        room.forward(5)
        assert incident not in str(to_boards(room.said, "order"))
        assert [row["state"] for row in room.incidents()] == ["untaken", "untaken"]


def test_an_exercise_rings_no_real_pager_and_runs_no_command() -> None:
    settings = Settings(district="nanshan", name="n", escalation=Escalation(command=("bell",)))
    room = Room(settings)
    room.registry.real = {"board-a3"}
    room.do(room.report("board-a1", "alarm"))
    room.said.clear()
    room.forward(5)
    assert to_boards(room.said, "order") == []
    assert not any(isinstance(effect, RunCommand) for effect in room.said)


def test_a_call_me_back_goes_to_nobody_else_and_is_asked_again() -> None:
    room = Room()
    room.listen()
    room.do(room.report("board-a1", "abnormal"))
    room.forward(599, desk=True)
    incident = room.only()
    assert (incident["kind"], incident["paged_row"], incident["escalated_row"]) == (
        "abnormal",
        None,
        None,
    )
    assert "reminded" not in room.ledger_kinds()
    room.forward(2, desk=True)
    assert room.ledger_kinds().count("reminded") == 1
    room.forward(600, desk=True)
    assert room.ledger_kinds().count("reminded") == 2
    room.act("take", incident["id"])
    room.forward(300, desk=True)
    assert room.ledger_kinds().count("reminded") == 2
    assert room.feed("alarm") == room.feed("exercise") == []


def test_a_call_me_back_tells_nobody_where_nobody_listens() -> None:
    room = Room()
    room.do(room.report("board-a1", "abnormal"))
    room.forward(30)
    assert (room.only()["paged_row"], room.feed("alarm")) == (None, [])
