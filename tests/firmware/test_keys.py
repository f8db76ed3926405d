"""Gestures of the smallest kit, as a frightened or a tired person makes them."""

from tests.firmware.rig import Rig

ALERT = {"kind": "alert", "alert": {"incident": "d-9", "site": "河西街道小学"}}


def outcomes(rig):
    return rig.take("gesture")


def stored_alarm(**more):
    rig = Rig(**more)
    name = rig.felt()
    rig.receipt(name)
    return rig, name


def withdraws(rig):
    return [effect for effect in rig.take("save") if effect[1] == "withdraw"]


def test_a_press_is_felt_within_the_debounce_and_sent_before_it_is_saved():
    rig = Rig()
    rig.effects = []
    rig.step("key", "alarm", True)
    rig.to(50)
    kinds = [effect[0] for effect in rig.effects if effect[0] != "wake"]
    assert kinds[0] == "send" and kinds[-1] == "save"
    assert {"gesture", "tone", "panel"} <= set(kinds)


def test_bouncing_contacts_are_one_press():
    rig = Rig()
    for ms in (0, 3, 7, 11, 18):
        rig.to(ms)
        rig.step("key", "alarm", ms not in (3, 11))
    rig.after(200)
    for _ in range(3):
        rig.step("key", "alarm", False)
        rig.after(5)
        rig.step("key", "alarm", True)
        rig.after(5)
    rig.step("key", "alarm", False)
    rig.after(200)
    assert rig.kinds() == ["alarm"]


def test_a_touch_shorter_than_the_debounce_is_none():
    rig = Rig()
    rig.hold("alarm", 30)
    rig.after(500)
    assert rig.kinds() == []


def test_a_late_loop_still_feels_what_was_pressed_and_let_go():
    rig = Rig()
    rig.step("key", "alarm", True)
    rig.now_ms = 4000  # no wake in between: the process stood still
    rig.step("key", "alarm", False)
    rig.after(60)
    assert rig.kinds() == ["alarm", "hold"]


def test_every_press_of_a_hammered_button_is_a_report():
    rig = Rig()
    for _ in range(30):
        rig.press()
    assert rig.kinds() == ["alarm"] * 30


def test_leaning_on_it_is_one_press_and_one_hold():
    rig = Rig()
    rig.hold("alarm", 20000)
    saves = rig.take("save")
    assert [save[1] for save in saves] == ["alarm", "hold"]
    assert saves[1][2]["about"] == "%s:%d" % saves[0][0]


def test_a_withdrawal_is_a_hold_of_3_s_begun_2_to_60_s_after_the_press():
    for wait_ms, asked in ((1500, 0), (2000, 1), (59000, 1), (61000, 0)):
        rig, name = stored_alarm()
        rig.after(wait_ms - 120)
        rig.state((name, "stored"))
        rig.take("gesture")
        rig.hold("confirm", 3000)
        found = withdraws(rig)
        assert len(found) == asked, wait_ms
        assert [o[1] is None for o in outcomes(rig)] == [not asked]
        if asked:
            assert found[0][2]["about"] == "%s:%d" % name


def test_nothing_shorter_withdraws():
    rig, _ = stored_alarm()
    rig.after(5000)
    rig.tones()
    rig.hold("confirm", 2900)
    assert withdraws(rig) == []
    assert rig.tones() == ["low"]


def test_a_later_press_voids_a_withdrawal():
    rig, _ = stored_alarm()
    rig.after(3000)
    rig.hold("confirm", 3000)
    rig.receipt(rig.names()[-1])
    assert rig.panel["display"] == "已请求撤回,请等回电"
    rig.receipt(rig.felt())
    assert rig.panel["display"] == "已送达值班室"


def test_a_withdrawal_that_arrives_after_a_later_press_shows_nothing():
    rig, _ = stored_alarm()
    rig.after(3000)
    rig.hold("confirm", 3000)
    wish = rig.names()[-1]
    rig.receipt(rig.felt())
    rig.receipt(wish)
    assert rig.panel["display"] == "已送达值班室"


def test_a_duress_cannot_be_withdrawn():
    rig = Rig()
    rig.receipt(rig.felt("duress"))
    rig.after(5000)
    rig.hold("confirm", 6000)
    assert rig.kinds() == []


def test_red_during_a_grey_hold_is_an_alarm_and_ends_the_hold():
    rig, _ = stored_alarm()
    rig.after(5000)
    rig.take("save")
    rig.step("key", "confirm", True)
    rig.after(2000)
    rig.press()
    rig.after(5000)
    rig.step("key", "confirm", False)
    rig.after(100)
    assert rig.kinds() == ["alarm"]


def test_red_during_the_hold_for_a_test_is_an_alarm():
    rig = Rig()
    rig.step("key", "confirm", True)
    rig.after(4900)
    rig.press()
    rig.after(2000)
    rig.step("key", "confirm", False)
    rig.after(100)
    assert rig.kinds() == ["alarm"]
    assert not rig.board.testing()


def test_grey_still_down_after_the_window_opened_spoils_no_test():
    rig = Rig()
    rig.step("key", "confirm", True)
    rig.after(5500)
    rig.press()
    assert rig.kinds() == ["test"]


def test_a_grey_key_begun_under_red_does_nothing():
    rig = Rig()
    rig.step("key", "alarm", True)
    rig.after(100)
    rig.hold("confirm", 7000)
    rig.step("key", "alarm", False)
    rig.after(100)
    assert rig.kinds() == ["alarm", "hold"]


def test_the_third_press_in_a_window_is_real():
    rig = Rig()
    rig.hold("confirm", 5000)
    assert outcomes(rig) == [("confirm", "test")]
    for _ in range(3):
        rig.press()
    saved = rig.take("save")
    assert [kind for _, kind, _ in saved] == ["test", "test", "alarm"]
    assert saved[2][2]["about"] == "%s:%d" % saved[1][0]  # so that no drill swallows it
    assert not rig.board.testing()
    assert rig.panel["display"] == "呼叫中"


def test_three_slow_presses_in_a_window_are_tests():
    rig = Rig()
    rig.hold("confirm", 5000)
    for _ in range(4):
        rig.press()
        rig.after(6000)
    assert rig.kinds() == ["test"] * 4


def test_a_hold_in_a_window_is_real():
    rig = Rig()
    rig.hold("confirm", 5000)
    rig.hold("alarm", 9000)
    assert rig.kinds() == ["test", "alarm"]
    assert not rig.board.testing()


def test_a_window_ends_by_itself_and_the_next_press_is_real():
    rig = Rig()
    rig.hold("confirm", 5000)
    rig.after(120000)
    assert rig.panel["display"] != "测试"
    rig.press()
    assert rig.kinds() == ["alarm"]


def test_red_is_real_after_grey_was_held_beside_an_open_alarm_or_duress():
    for key in ("alarm", "duress"):
        rig = Rig()
        rig.press(key)
        rig.after(100000)
        rig.hold("confirm", 5000)
        assert rig.board.testing() is (key == "duress")  # what it looks like; red is real
        rig.press()
        assert rig.kinds()[-1] == "alarm"


def test_grey_alone_is_one_low_tone():
    rig = Rig()
    rig.press("confirm")
    rig.hold("confirm", 3500)
    assert rig.tones() == ["low", "low"]
    assert outcomes(rig) == [("confirm", None)] * 2


def test_a_board_without_a_grey_key_can_only_alarm():
    rig = Rig(keys=("alarm",))
    rig.press("confirm")
    rig.press()
    assert rig.kinds() == ["alarm"]


def test_a_short_press_hears_a_pager_and_a_hold_takes():
    for ms, code in ((300, "heard"), (3000, "taken")):
        rig = Rig()
        rig.say("order", ALERT)
        assert rig.tones() == ["ring"]
        rig.hold("confirm", ms)
        kinds = rig.take("save")
        assert [(k[1], k[2]["about"], k[2]["code"]) for k in kinds] == [("answer", "d-9", code)]
        assert rig.panel["grey"] == "off"
        rig.tones()
        rig.say("order", ALERT)  # the hub repeats until it has the answer
        rig.after(5000)
        assert rig.tones() == []


def test_between_short_and_long_a_pager_goes_on_ringing():
    rig = Rig()
    rig.say("order", ALERT)
    rig.hold("confirm", 1500)
    assert rig.kinds() == []
    assert rig.panel["grey"] == "fast"


def test_a_state_without_the_alert_ends_the_ringing():
    rig = Rig()
    rig.state(alerts=[ALERT["alert"]])
    assert rig.panel["grey"] == "fast"
    rig.state()
    assert rig.panel["grey"] == "off"


def test_a_board_with_its_own_alarm_is_busy():
    rig, _ = stored_alarm()
    rig.take("save")
    rig.say("order", ALERT)
    answer = rig.take("save")[0]
    assert (answer[1], answer[2]["code"]) == ("answer", "busy")
    assert rig.panel["grey"] == "off"
    rig.say("order", ALERT)
    assert rig.kinds() == []


def test_a_press_on_a_ringing_board_is_an_alarm_and_makes_it_busy():
    rig = Rig()
    rig.say("order", ALERT)
    rig.press()
    assert rig.kinds() == ["alarm", "answer"]
    assert rig.panel["grey"] == "off"
