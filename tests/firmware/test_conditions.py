"""Mains, box and battery: each change that lasts is told once."""

from tests.firmware.rig import Rig

INPUTS = ("mains", "tamper", "battery")


def board(**more):
    return Rig(conditions=INPUTS, **more)


def codes(rig):
    return [said["code"] for _, kind, said in rig.take("save") if kind == "status"]


def test_a_change_that_lasts_is_told_and_its_end_too():
    rig = board()
    rig.step("condition", "mains", True)
    rig.after(1900)
    assert codes(rig) == []
    rig.after(200)
    assert codes(rig) == ["mains_lost"]
    assert rig.take("conditions") == [(["mains"],)]
    rig.step("condition", "mains", False)
    rig.after(2100)
    assert codes(rig) == ["mains_back"]
    assert rig.take("conditions") == [([],)]


def test_a_flicker_is_not_told():
    rig = board()
    for wrong in (True, False, True, False):
        rig.step("condition", "battery", wrong)
        rig.after(1000)
    rig.after(5000)
    assert codes(rig) == []


def test_all_three_have_their_words():
    rig = board()
    for name in INPUTS:
        rig.step("condition", name, True)
    rig.after(2100)
    assert codes(rig) == ["mains_lost", "tamper", "battery_low"]


def test_what_was_told_before_a_start_is_taken_back_after_it():
    rig = board(wrong=("tamper",))
    rig.after(2100)
    assert codes(rig) == ["tamper_ended"]
    rig = board(wrong=("tamper",))
    rig.step("condition", "tamper", True)
    rig.after(5000)
    assert codes(rig) == []


def test_without_room_for_the_report_it_is_told_later():
    rig = board(most_waiting=4, contact=False)
    for _ in range(3):
        rig.press()
    rig.step("condition", "mains", True)
    rig.after(3000)
    assert "mains_lost" not in codes(rig)
    for name in list(rig.board.reports.all):
        rig.link()
        rig.receipt(name)
    rig.after(1000)
    assert "mains_lost" in codes(rig)


def test_a_board_without_such_inputs_heeds_none():
    rig = Rig()
    rig.step("condition", "mains", True)
    rig.after(5000)
    assert codes(rig) == []
