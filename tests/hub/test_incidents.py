"""What presses become, and what people do with it (the rules of incidents)."""

import json

import pytest

from hub.events import Action, Answer, IncidentChanged
from tests.hub.room import BOOT, Room, to_boards


def test_a_press_is_stored_once_and_every_repeat_gets_its_receipt_again() -> None:
    room = Room()
    first = to_boards(room.do(room.report("board-a1", "alarm", 1)), "receipt")
    again = to_boards(room.do(room.report("board-a1", "alarm", 1)), "receipt")
    assert [r["answer"] for r in first + again] == ["stored", "stored"]
    assert first[0]["incident"] == again[0]["incident"] == room.only()["id"]
    assert room.only()["presses"] == 1
    assert room.ledger_kinds().count("reported") == 1


def test_six_presses_are_one_incident_counted_in_sight() -> None:
    room = Room()
    room.listen()
    for _ in range(6):
        room.do(room.report("board-a1", "alarm"))
    room.do(room.report("board-a2", "alarm"))
    assert [i["presses"] for i in room.incidents()] == [6, 1]
    assert room.changes() == ["new", *["again"] * 5, "new"]


def test_a_hold_is_told_and_never_counted_as_a_press() -> None:
    room = Room()
    room.listen()
    room.do(room.report("board-a1", "alarm"), room.report("board-a1", "hold"))
    assert (room.only()["presses"], room.only()["holds"]) == (1, 1)
    assert room.changes() == ["new", "hold"]


def test_a_hold_takes_nothing_back_from_who_took_it() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm"))
    room.act("take", room.only()["id"])
    room.do(room.report("board-a1", "hold"))
    assert room.only()["state"] == "taken"


def test_a_hold_whose_press_was_dealt_with_opens_nothing() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1))
    incident = room.only()["id"]
    room.act("take", incident)
    room.act("outcome", incident, outcome="real")
    room.act("close", incident)
    effects = room.do(room.report("board-a1", "hold", 90, about=f"{BOOT}:1"))
    assert to_boards(effects, "receipt")[0]["answer"] == "stored"
    assert room.only()["state"] == "closed"
    assert room.changes()[-1] == "closed"
    room.do(room.report("board-a1", "hold", 91, about=f"{BOOT}:77"))
    assert len(room.incidents()) == 2


def test_a_press_under_way_when_somebody_took_it_takes_nothing_back() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1))
    room.forward(5, desk=True)
    room.act("take", room.only()["id"])
    room.forward(5, desk=True)
    room.do(room.report("board-a1", "alarm", 80, age_ms=6_000))
    assert (room.only()["state"], room.only()["presses"]) == ("taken", 2)
    room.do(room.report("board-a1", "alarm", 81, age_ms=4_000))
    assert (room.only()["state"], room.only()["presses"]) == ("untaken", 3)


def test_a_press_after_taken_makes_it_untaken_and_restarts_the_clocks() -> None:
    room = Room()
    room.listen()
    room.do(room.report("board-a1", "alarm"))
    room.act("take", room.only()["id"])
    room.forward(40, desk=True)
    effects = room.do(room.report("board-a1", "alarm"))
    assert room.only()["state"] == "untaken"
    assert room.only()["taken_by"] is None
    assert any(isinstance(e, IncidentChanged) and e.rings for e in effects)
    room.forward(29, desk=True)
    assert room.only()["paged_row"] is None
    room.forward(2, desk=True)
    assert room.only()["paged_row"] is not None


def test_a_press_after_closing_opens_a_new_incident() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm"))
    incident = room.only()["id"]
    assert room.act("take", incident) == "ok"
    assert room.act("outcome", incident, outcome="real") == "ok"
    assert room.act("close", incident) == "ok"
    room.do(room.report("board-a1", "alarm", age_ms=600_000))
    old, new = room.incidents()
    assert (old["state"], new["state"], new["late"]) == ("closed", "untaken", 1)
    assert new["pressed_to"] == room.now().wall - 600_000


def test_after_a_reboot_the_time_of_the_press_is_an_interval() -> None:
    room = Room()
    room.do(room.heartbeat("board-a1"))
    began = room.now().wall
    room.forward(600)
    hello = {"boot": "f" * 16, "catalogue": "0" * 16, "firmware": "x", "lamps": 3}
    room.do(room.message("board-a1", "hello", {**hello, "keys": "alarm", "torn": 0}))
    room.do(room.report("board-a1", "alarm", age_ms=60_000, reboots=1))
    incident = room.only()
    assert incident["late"]
    assert (incident["pressed_from"], incident["pressed_to"]) == (began, room.now().wall - 60_000)


def test_a_quick_reboot_bounds_the_press_by_the_last_word_before_it() -> None:
    room = Room()
    room.do(room.heartbeat("board-a1"))
    spoken = room.now().wall
    room.forward(20)
    hello = {"boot": "f" * 16, "catalogue": "0" * 16, "firmware": "x", "lamps": 3}
    room.do(room.message("board-a1", "hello", {**hello, "keys": "alarm", "torn": 0}))
    room.do(room.report("board-a1", "alarm", age_ms=5_000, reboots=1))
    assert (room.only()["pressed_from"], room.only()["pressed_to"]) == (
        spoken,
        room.now().wall - 5_000,
    )


def test_duress_joins_only_an_open_duress_of_its_board() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm"), room.report("board-a1", "duress"))
    room.do(room.report("board-a1", "duress"))
    assert [(i["kind"], i["presses"]) for i in room.incidents()] == [("alarm", 1), ("duress", 2)]


def test_a_withdrawal_is_a_wish_and_a_later_press_voids_it() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1))
    room.do(room.report("board-a1", "withdraw", 2, about=f"{BOOT}:1"))
    assert room.only()["withdraw_wall"] is not None
    assert room.only()["state"] == "untaken"
    assert room.act("close", room.only()["id"]) == "not_taken"
    room.act("take", room.only()["id"])
    assert room.act("close", room.only()["id"]) == "needs_outcome"
    room.do(room.report("board-a1", "alarm", 3))
    assert room.only()["withdraw_wall"] is None
    assert "withdraw_asked" in room.changes()


def test_two_officers_one_wins_and_the_other_is_told_who() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm"))
    incident = room.only()["id"]
    one = Action("x1", "d1", "张伟", "officer", "take", incident, {})
    two = Action("x2", "d2", "李敏", "officer", "take", incident, {})
    answers = [e for e in room.do(one, two) if isinstance(e, Answer)]
    assert answers[0] == Answer("x1", "ok", {})
    assert answers[1] == Answer("x2", "already_taken", {"by": "张伟"})


def test_a_repeated_action_changes_nothing_and_is_answered() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm"))
    action = Action("x1", "d1", "张伟", "officer", "take", room.only()["id"], {})
    room.do(action)
    rows = len(room.ledger_kinds())
    assert Answer("x1", "again", {}) in room.do(action)
    assert len(room.ledger_kinds()) == rows


def test_nobody_answers_the_call_back_is_treated_as_real_and_stays_unverified() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm"))
    incident = room.only()["id"]
    room.act("take", incident)
    room.act("outcome", incident, outcome="no_answer")
    assert (room.only()["outcome"], room.only()["verification"]) == ("no_answer", "unverified")
    assert room.act("close", incident) == "needs_hand_on"  # somebody must go and see
    room.act("outcome", incident, outcome="real")
    assert room.only()["verification"] == "verified"


def test_what_nobody_answered_is_closed_once_somebody_was_sent() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm"))
    incident = room.only()["id"]
    room.act("take", incident)
    room.act("outcome", incident, outcome="no_answer")
    room.act("handed_on", incident, service="110")
    assert room.act("close", incident) == "ok"


@pytest.mark.parametrize("step_s", [0, -86_400])
def test_who_was_sent_for_the_press_before_was_not_sent_for_this_one(step_s: int) -> None:
    """Also where somebody has set the clock back meanwhile."""
    room = Room()
    room.do(room.report("board-a1", "alarm"))
    incident = room.only()["id"]
    for press in range(2):
        if press:
            room.offset += step_s * 1000
            room.forward(20, desk=True)
            room.do(room.report("board-a1", "alarm"))
        room.act("take", incident)
        room.act("outcome", incident, outcome="no_answer")
        assert room.act("close", incident) == "needs_hand_on"
        room.act("handed_on", incident, service="110")
    assert room.act("close", incident) == "ok"


def test_what_asks_for_a_call_back_only_is_closed_without_sending_anybody() -> None:
    room = Room()
    room.do(room.report("board-a1", "abnormal"))
    incident = room.only()["id"]
    room.act("take", incident)
    room.act("outcome", incident, outcome="no_answer")
    assert room.act("close", incident) == "ok"


def test_a_press_again_is_unverified_again() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm"))
    incident = room.only()["id"]
    room.act("take", incident)
    room.act("outcome", incident, outcome="real")
    room.do(room.report("board-a1", "alarm"))
    again = room.only()
    assert (again["state"], again["outcome"]) == ("untaken", None)
    assert again["verification"] == "unverified"
    (event,) = room.db.execute("SELECT event FROM feed ORDER BY sequence DESC LIMIT 1").fetchone()
    assert json.loads(event)["data"]["verification"] == "unverified"


def test_what_was_found_real_stays_so_when_a_later_call_is_not_answered() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm"))
    incident = room.only()["id"]
    room.act("take", incident)
    room.act("outcome", incident, outcome="real")
    room.act("outcome", incident, outcome="no_answer")
    assert (room.only()["outcome"], room.only()["verification"]) == ("real", "verified")
    room.act("outcome", incident, outcome="false_press")
    assert room.only()["outcome"] == "false_press"
    room.act("outcome", incident, outcome="no_answer")  # in doubt it is real again
    assert room.only()["outcome"] == "no_answer"


def test_silent_duress_is_verified_without_a_call() -> None:
    room = Room()
    room.do(room.report("board-a1", "duress"))
    incident = room.only()["id"]
    room.act("take", incident)
    assert room.act("close", incident) == "no_callback"
    assert room.act("outcome", incident, outcome="no_answer") == "no_callback"
    assert room.act("outcome", incident, outcome="real") == "ok"
    row = room.db.execute("SELECT body FROM ledger WHERE kind = 'called_back'").fetchone()
    assert json.loads(row["body"])["called"] is False
    assert room.act("close", incident) == "ok"


def test_bad_actions_are_answered_with_what_is_wrong() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm"))
    incident = room.only()["id"]
    assert room.act("take", "nanshan-00000000-1") == "no_incident"
    assert room.act("note", incident, text="  ") == "bad_value"
    room.act("take", incident)
    assert room.act("handed_on", incident, service="911") == "bad_value"
    assert room.act("next_time", incident, wall=room.now().wall - 1) == "bad_value"
    assert room.act("dance", incident) == "bad_value"
    room.act("outcome", incident, outcome="real")
    room.act("close", incident)
    assert room.act("note", incident, text="late") == "closed"


def test_a_test_press_is_exercise_and_closes_with_its_window() -> None:
    room = Room()
    room.do(room.report("board-a1", "test"))
    assert room.only()["state"] == "untaken"
    room.forward(119)
    assert room.only()["state"] == "untaken"
    assert room.only()["paged_row"] is None
    room.forward(2)
    assert (room.only()["state"], room.only()["outcome"]) == ("closed", "test")
    assert room.changes("alarm") == []
    assert room.changes("exercise") == ["new", "closed"]


def test_real_need_ends_the_test_window() -> None:
    room = Room()
    room.do(room.report("board-a1", "test"), room.report("board-a1", "alarm"))
    test, real = room.incidents()
    assert (test["state"], real["state"], real["presses"]) == ("closed", "untaken", 1)


def test_the_self_test_leaves_a_row_and_no_incident() -> None:
    room = Room()
    (receipt,) = to_boards(room.do(room.report("self-test", "test")), "receipt")
    assert receipt["answer"] == "stored"
    assert room.incidents() == room.feed("exercise") == []
    assert "reported" in room.ledger_kinds()


def test_simulated_boards_are_exercise_where_a_real_board_is_enrolled() -> None:
    room = Room()
    room.registry.real = {"board-a2"}
    room.do(room.report("board-a1", "alarm"), room.report("board-a2", "alarm"))
    assert [e["data"]["board"] for e in room.feed("exercise") if e["data"]["change"] == "new"] == [
        "board-a1"
    ]
    assert [e["data"]["board"] for e in room.feed("alarm") if e["data"]["change"] == "new"] == [
        "board-a2"
    ]


def test_what_was_closed_before_a_restore_is_filed_and_rings_nowhere() -> None:
    room = Room()
    effects = room.do(room.report("board-a1", "alarm", was="closed"))
    assert (room.only()["state"], room.only()["restored"]) == ("closed", 1)
    assert room.feed() == []
    assert to_boards(effects, "receipt")[0]["answer"] == "stored"


def test_an_older_withdrawal_does_not_quiet_a_newer_press() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1), room.report("board-a1", "alarm", 3))
    room.do(room.report("board-a1", "withdraw", 2, about=f"{BOOT}:1"))
    assert room.only()["withdraw_wall"] is None
    assert "withdraw_asked" not in room.changes()
    room.do(room.report("board-a1", "withdraw", 4, about=f"{BOOT}:3"))
    assert room.only()["withdraw_wall"] is not None


def test_a_withdrawal_of_what_is_closed_lands_on_no_new_incident() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", 1))
    first = room.only()["id"]
    room.act("take", first)
    room.act("outcome", first, outcome="real")
    room.act("close", first)
    room.do(room.report("board-a1", "alarm", 90))
    room.do(room.report("board-a1", "withdraw", 91, about=f"{BOOT}:1"))
    assert room.incidents()[1]["withdraw_wall"] is None


def test_what_is_offered_again_and_was_no_call_is_history() -> None:
    room = Room()
    for kind in ("test", "hold", "withdraw", "status"):
        effects = room.do(room.report("board-a1", kind, was="stored", about=f"{BOOT}:77"))
        assert to_boards(effects, "receipt")[0]["answer"] == "stored"
    assert room.incidents() == []
    assert room.db.execute("SELECT count(*) FROM troubles").fetchone()[0] == 0


def test_a_press_offered_again_rings_anew() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", was="taken"))
    assert room.only()["state"] == "untaken"


def test_a_call_me_back_joins_only_its_own_kind() -> None:
    room = Room()
    room.do(room.report("board-a1", "abnormal"), room.report("board-a1", "alarm"))
    room.do(room.report("board-a1", "abnormal"))
    assert [(i["kind"], i["presses"]) for i in room.incidents()] == [("abnormal", 2), ("alarm", 1)]
    assert room.changes() == ["new"]


def test_a_call_me_back_goes_up_once_a_person_hands_it_on() -> None:
    room = Room()
    room.do(room.report("board-a1", "abnormal"))
    incident = room.only()["id"]
    room.act("take", incident)
    room.act("outcome", incident, outcome="real")
    assert room.feed() == []
    room.act("handed_on", incident, service="120")
    room.act("note", incident, text="救护车已到")
    room.act("close", incident)
    assert room.changes() == ["handed_on", "note", "closed"]
    assert room.feed()[0]["data"]["kind"] == "abnormal"


def test_a_call_me_back_lost_by_the_hub_rings_again() -> None:
    room = Room()
    room.do(room.report("board-a1", "abnormal", was="taken"))
    assert (room.only()["kind"], room.only()["state"]) == ("abnormal", "untaken")
