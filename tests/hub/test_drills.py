"""Drill windows: what is a drill, and above all what is none."""

from typing import Any

from hub import store
from hub.duty import drills
from hub.events import Action, IncidentChanged, Started
from tests.hub.room import BOOT, Room, to_boards


def drilling(minutes: int = 20, sites: Any = ("site-board-a1",)) -> Room:
    """A room with a window open for board-a1's site, ten seconds old."""
    room = Room()
    room.listen()
    where = sites if sites == "all" else list(sites)
    assert room.act("open_drill", "", sites=where, purpose="季度演练", minutes=minutes) == "ok"
    room.forward(10, desk=True)
    return room


def window(room: Room) -> Any:
    return room.db.execute("SELECT * FROM windows ORDER BY id DESC").fetchone()


def kinds(room: Room) -> list[tuple[str, str]]:
    return [(each["kind"], each["state"]) for each in room.incidents()]


def test_a_press_inside_a_window_is_a_drill_and_only_the_exercise_feed_hears_it() -> None:
    room = drilling()
    effects = room.do(room.report("board-a1", "alarm"))
    drill = room.only()
    assert (drill["kind"], drill["exercise"], drill["drill"]) == ("drill", 1, window(room)["id"])
    assert room.feed("alarm") == []
    assert room.changes("exercise") == ["new"]
    assert room.feed("exercise")[0]["data"]["kind"] == "drill"
    assert any(isinstance(e, IncidentChanged) and e.rings for e in effects)
    room.do(room.report("board-a2", "alarm"))
    assert kinds(room) == [("drill", "untaken"), ("alarm", "untaken")]


def test_a_board_is_told_what_is_a_drill_and_when_it_is_none_any_more() -> None:
    room = drilling()
    press = room.report("board-a1", "alarm")
    (receipt,) = to_boards(room.do(press), "receipt")
    assert receipt["drill"]
    asked = room.heartbeat("board-a1", open=[f"{BOOT}:{receipt['number']}"])
    (fate,) = to_boards(room.do(asked), "state")[0]["presses"]
    assert fate["drill"]
    assert room.act("make_real", room.only()["id"]) == "ok"
    (fate,) = to_boards(room.do(asked), "state")[0]["presses"]
    assert fate["state"] == "stored" and "drill" not in fate
    (receipt,) = to_boards(room.do(room.report("board-a2", "alarm")), "receipt")
    assert "drill" not in receipt


def test_each_drill_press_is_confirmed_by_a_person_also_when_the_window_has_ended() -> None:
    room = drilling()
    room.do(room.report("board-a1", "alarm"))
    room.forward(1300, desk=True)
    assert (window(room)["ended_by"], room.only()["state"]) == ("hub", "untaken")
    drill = room.only()["id"]
    assert room.act("outcome", drill, outcome="real") == "not_taken"
    assert room.act("take", drill) == "ok"
    assert room.act("outcome", drill, outcome="real") == "is_drill"
    assert room.act("handed_on", drill, service="110") == "is_drill"
    assert room.act("confirm_drill", drill) == "ok"
    assert (room.only()["state"], room.only()["outcome"]) == ("closed", "drill")
    assert room.feed("alarm") == []


def test_a_drill_goes_to_simulated_pagers_and_to_no_command() -> None:
    room = drilling()
    room.registry.real = {"board-a3"}
    room.do(room.report("board-a1", "alarm"))
    room.forward(70, desk=True)
    (paged,) = [kind for kind in room.ledger_kinds() if kind == "paged"]
    assert paged and room.db.execute("SELECT count(*) FROM alerts").fetchone()[0] == 0
    assert room.feed("alarm") == []


def test_the_third_press_in_ten_seconds_is_real_and_opens_a_real_incident_with_one_press() -> None:
    room = drilling()
    room.do(room.report("board-a1", "alarm"))
    room.forward(4, desk=True)
    room.do(room.report("board-a1", "alarm"))
    assert [(i["kind"], i["presses"]) for i in room.incidents()] == [("drill", 2)]
    room.forward(4, desk=True)
    room.do(room.report("board-a1", "alarm"))
    drill, real = room.incidents()
    assert (drill["state"], drill["outcome"], drill["closed_by"]) == ("closed", "drill", "hub")
    assert (real["kind"], real["state"], real["presses"], real["exercise"]) == (
        "alarm",
        "untaken",
        1,
        0,
    )
    assert room.changes("alarm") == ["new"]
    room.do(room.report("board-a1", "alarm"))
    assert room.incidents()[1]["presses"] == 2  # real is open: it belongs to that


def test_a_test_that_comes_late_and_makes_three_of_a_drill_makes_it_real() -> None:
    room = drilling()
    room.do(room.report("board-a1", "alarm", 70))
    room.forward(3, desk=True)
    room.do(room.report("board-a1", "alarm", 71))
    room.forward(3, desk=True)
    effects = room.do(room.report("board-a1", "test", 69, age_ms=7_500))  # flash, or the disk
    drill, test, real = room.incidents()
    assert (drill["kind"], drill["state"], drill["outcome"]) == ("drill", "closed", "drill")
    assert (real["kind"], real["state"], real["presses"]) == ("alarm", "untaken", 2)
    assert room.changes("alarm") == ["new"]
    (receipt,) = to_boards(effects, "receipt")
    assert (test["kind"], receipt["incident"]) == ("test", test["id"])
    row = room.db.execute("SELECT actor FROM ledger WHERE kind = 'made_real'").fetchone()
    assert row["actor"] == "hub"


def test_a_test_at_ease_leaves_a_drill_a_drill() -> None:
    room = drilling()
    room.do(room.report("board-a1", "alarm", 70))
    room.forward(3, desk=True)
    room.do(room.report("board-a1", "alarm", 71))
    room.forward(8, desk=True)
    room.do(room.report("board-a1", "test", 72))
    assert [each["kind"] for each in room.incidents()] == ["drill", "test"]


def test_of_a_boards_presses_only_the_newest_are_read() -> None:
    plan = Room().db.execute(f"EXPLAIN QUERY PLAN {drills.PRESSED}", ("board-a1", 20)).fetchall()
    assert "reports_pressed" in plan[0]["detail"]
    assert not [step["detail"] for step in plan if "B-TREE" in step["detail"]]  # nothing is sorted


def test_three_presses_at_ease_are_drills() -> None:
    room = drilling()
    for _ in range(3):
        room.do(room.report("board-a1", "alarm"))
        room.forward(6, desk=True)
    assert [(i["kind"], i["presses"]) for i in room.incidents()] == [("drill", 3)]


def test_a_hold_is_real_and_the_lamps_go_on_with_the_real_incident() -> None:
    room = drilling()
    room.do(room.report("board-a1", "alarm", 70))
    room.act("take", room.only()["id"])
    effects = room.do(room.report("board-a1", "hold", 71, about=f"{BOOT}:70"))
    drill, real = room.incidents()
    assert (drill["kind"], drill["state"]) == ("drill", "closed")
    assert (real["kind"], real["state"], real["presses"], real["holds"]) == (
        "alarm",
        "untaken",
        1,
        1,
    )
    assert to_boards(effects, "receipt")[0]["incident"] == real["id"]
    (fate,) = to_boards(room.do(room.heartbeat("board-a1", open=[f"{BOOT}:70"])), "state")[0][
        "presses"
    ]
    assert (fate["incident"], fate["state"]) == (real["id"], "stored")
    assert room.changes("alarm") == ["new"]


def test_a_hold_is_real_also_when_its_press_was_confirmed_meanwhile() -> None:
    room = drilling()
    room.do(room.report("board-a1", "alarm", 70))
    room.act("confirm_drill", room.only()["id"])
    room.do(room.report("board-a1", "hold", 71, about=f"{BOOT}:70"))
    assert kinds(room) == [("drill", "closed"), ("alarm", "untaken")]


def test_duress_is_never_a_drill_and_makes_its_boards_presses_real() -> None:
    room = drilling()
    room.do(room.report("board-a1", "duress"))
    room.do(room.report("board-a1", "alarm"))
    assert kinds(room) == [("duress", "untaken"), ("alarm", "untaken")]
    assert room.changes("alarm") == ["new", "new"]


def test_a_press_belongs_to_the_real_incident_that_is_open() -> None:
    room = Room()
    room.listen()
    room.do(room.report("board-a1", "alarm"))
    room.act("open_drill", "", sites="all", purpose="演练", minutes=10)
    room.forward(30, desk=True)
    room.do(room.report("board-a1", "alarm"))
    assert [(i["kind"], i["presses"]) for i in room.incidents()] == [("alarm", 2)]


def test_a_press_not_wholly_inside_is_real() -> None:
    room = drilling()
    room.do(room.report("board-a1", "alarm", age_ms=10_500))  # before it was opened
    assert room.only()["kind"] == "alarm"

    room = drilling()
    room.do(room.report("board-a1", "alarm", age_ms=9_500))
    assert room.only()["kind"] == "drill"

    room = drilling(minutes=1)
    room.forward(50, desk=True)
    room.do(room.report("board-a1", "alarm"))  # at its end
    room.forward(10, desk=True)
    room.do(room.report("board-a2", "alarm"))
    room.do(room.report("board-a1", "alarm", age_ms=1))
    assert [i["kind"] for i in room.incidents()] == ["drill", "alarm", "alarm"]


def test_a_press_of_an_earlier_start_is_real_when_it_may_be_older_than_the_window() -> None:
    room = Room()
    room.listen()
    room.do(room.heartbeat("board-a1"))
    room.act("open_drill", "", sites="all", purpose="演练", minutes=10)
    room.forward(60, desk=True)
    room.do(room.report("board-a1", "alarm", boot="a" * 16, age_ms=5_000, reboots=1))
    assert room.only()["kind"] == "alarm"


def test_a_press_that_outlived_its_boards_start_is_real_whatever_the_wall_clock_says() -> None:
    room = drilling()
    room.do(room.heartbeat("board-a1"))
    room.forward(10, desk=True)
    room.do(room.report("board-a1", "alarm", boot="a" * 16, age_ms=50, reboots=1))
    assert room.only()["kind"] == "alarm"


def test_an_alarm_out_of_a_test_is_real() -> None:
    room = drilling()
    room.do(room.report("board-a1", "alarm", 71, about=f"{BOOT}:70"))
    assert room.only()["kind"] == "alarm"


def test_three_within_ten_seconds_are_real_in_whatever_order_they_arrive() -> None:
    room = drilling()
    room.forward(30, desk=True)
    room.do(room.report("board-a1", "test", age_ms=9_000))
    room.do(room.report("board-a1", "alarm", age_ms=25_000))
    room.do(room.report("board-a1", "alarm", age_ms=5_000))
    assert [i["kind"] for i in room.incidents()] == ["test", "drill"]
    room.do(room.report("board-a1", "alarm", age_ms=1_000))
    assert room.incidents()[-1]["kind"] == "alarm"


def test_a_late_press_made_inside_is_still_a_drill_after_the_end() -> None:
    room = drilling(minutes=1)
    room.forward(120, desk=True)
    room.do(room.report("board-a1", "alarm", age_ms=100_000))
    assert (room.only()["kind"], room.only()["late"]) == ("drill", 1)


def test_a_wall_clock_set_back_makes_no_drill_of_a_real_press() -> None:
    room = drilling(minutes=10)
    room.forward(3600, desk=True)
    room.offset -= 3_500_000  # the wall stands within the old window again
    room.do(room.report("board-a1", "alarm"))
    assert room.only()["kind"] == "alarm"


def test_a_press_offered_again_after_a_loss_is_real() -> None:
    room = drilling()
    room.do(room.report("board-a1", "alarm", was="stored"))
    assert room.only()["kind"] == "alarm"


def test_a_hold_whose_press_has_not_come_is_real_and_ends_the_drill() -> None:
    room = drilling()
    room.do(room.report("board-a1", "alarm"))
    room.do(room.report("board-a1", "hold", about=f"{BOOT}:999"))
    assert kinds(room) == [("drill", "closed"), ("alarm", "untaken")]


def test_a_person_makes_it_real() -> None:
    room = drilling()
    room.do(room.report("board-a1", "alarm", 70), room.report("board-a1", "alarm", 71))
    drill = room.only()["id"]
    action = Action("x9", "d1", "张伟", "officer", "make_real", drill, {})
    effects = room.do(action)
    old, real = room.incidents()
    assert (old["state"], real["kind"], real["state"], real["presses"]) == (
        "closed",
        "alarm",
        "untaken",
        2,
    )
    assert room.changes("alarm") == ["new"]
    assert room.changes("exercise")[-1] == "closed"
    assert any(isinstance(e, IncidentChanged) and e.rings for e in effects)
    told = to_boards(effects, "state")[-1]["presses"]
    assert {(fate["incident"], fate["state"]) for fate in told} == {(real["id"], "stored")}
    assert room.act("make_real", real["id"]) == "not_drill"
    assert room.act("confirm_drill", real["id"]) == "not_drill"


def test_what_simulated_boards_make_real_stays_an_exercise_beside_real_ones() -> None:
    room = drilling()
    room.registry.real = {"board-a2"}
    room.do(room.report("board-a1", "alarm"))
    room.act("make_real", room.only()["id"])
    assert room.feed("alarm") == []


def test_boards_of_the_window_are_told_at_once_and_with_each_heartbeat() -> None:
    room = Room()
    room.registry.sites = {"board-a1": "school", "board-a2": "school"}
    action = Action("x1", "d1", "张伟", "officer", "open_drill", "", {})
    effects = room.do(action._replace(data={"sites": ["school"], "purpose": "x", "minutes": 2}))
    told = {e.board: e.value for e in effects if type(e).__name__ == "ToBoard"}  # type: ignore[union-attr]
    assert {board: state["drill_ms"] for board, state in told.items()} == {
        "board-a1": 120_000,
        "board-a2": 120_000,
    }
    room.forward(30)
    assert to_boards(room.do(room.heartbeat("board-a1")), "state")[0]["drill_ms"] == 90_000
    assert "drill_ms" not in to_boards(room.do(room.heartbeat("board-a3")), "state")[0]
    effects = room.do(action._replace(id="x2", verb="end_drill", data={"window": 99}))
    assert effects[0].code == "gone"  # type: ignore[union-attr]
    number = window(room)["id"]
    effects = room.do(action._replace(id="x3", verb="end_drill", data={"window": number}))
    assert ["drill_ms" in state for state in to_boards(effects, "state")] == [False, False]
    assert room.act("end_drill", "", window=number) == "gone"


def test_a_window_ends_by_itself() -> None:
    room = drilling(minutes=1)
    room.forward(49, desk=True)
    assert window(room)["ended_row"] is None
    before = len(room.said)
    room.forward(2, desk=True)
    assert window(room)["ended_by"] == "hub"
    assert to_boards(room.said[before:], "state")
    room.forward(5, desk=True)
    assert room.ledger_kinds().count("window_ended") == 1


def test_a_window_outlives_the_program_but_not_the_machine() -> None:
    room = drilling()
    room.start()
    room.forward(1, desk=True)
    room.do(room.report("board-a1", "alarm"))
    assert (room.only()["kind"], window(room)["ended_row"]) == ("drill", None)
    room.hub = store.open_hub(room.db, room.registry, room.settings)
    room.do(Started("kernel-2", "test"))
    room.do(room.report("board-a1", "alarm", was="stored"))
    assert room.incidents()[-1]["kind"] == "alarm"
    room.forward(1, desk=True)
    assert window(room)["ended_by"] == "hub"


def test_a_window_needs_sites_a_purpose_and_a_bounded_time() -> None:
    room = Room()
    good: dict[str, Any] = {"sites": "all", "purpose": "季度演练", "minutes": 60}
    for wrong, code in (
        ({"sites": []}, "no_sites"),
        ({"sites": ["nowhere"]}, "no_sites"),
        ({"sites": 7}, "no_sites"),
        ({"purpose": "  "}, "no_purpose"),
        ({"purpose": "长" * 81}, "no_purpose"),
        ({"minutes": 61}, "bad_minutes"),
        ({"minutes": 0}, "bad_minutes"),
        ({"minutes": "20"}, "bad_minutes"),
        ({"minutes": True}, "bad_minutes"),
    ):
        assert room.act("open_drill", "", **{**good, **wrong}) == code
    assert room.act("open_drill", "some-incident", **good) == "bad_value"
    assert room.act("open_drill", "", **good) == "ok"
    assert room.ledger_kinds().count("window_opened") == 1


def test_a_replay_makes_the_same_tables() -> None:
    room = drilling()
    room.do(room.report("board-a1", "alarm", 70))
    room.do(room.report("board-a1", "hold", 71, about=f"{BOOT}:70"))
    room.forward(30, desk=True)
    room.do(room.report("board-a2", "abnormal"))
    room.act("end_drill", "", window=window(room)["id"])
    room.same_after_replay()
