"""The larger kit: 异常, 平安 and the duress behind it, as hands make them."""

from tests.firmware.rig import Rig

FOUR = ("alarm", "abnormal", "allwell", "confirm")


def four(**more):
    return Rig(keys=FOUR, **more)


def test_abnormal_is_sent_when_pressed_and_once():
    rig = four()
    rig.step("key", "abnormal", True)
    rig.after(60)
    assert rig.kinds() == ["abnormal"]
    rig.after(5000)
    rig.step("key", "abnormal", False)
    rig.after(60)
    assert rig.kinds() == []


def test_allwell_is_sent_when_let_go():
    rig = four()
    rig.step("key", "allwell", True)
    rig.after(2900)
    assert rig.kinds() == []
    rig.step("key", "allwell", False)
    rig.after(60)
    assert rig.kinds() == ["allwell"]


def test_allwell_held_is_duress_at_3_s_and_an_ordinary_allwell_when_let_go():
    rig = four()
    rig.step("key", "allwell", True)
    rig.after(3060)
    ((_, kind, said),) = rig.take("save")
    assert kind == "duress" and said["code"] == "allwell"
    assert rig.lamps() == ["blip", "off", "off", "off"]
    rig.after(4000)
    rig.step("key", "allwell", False)
    rig.after(60)
    assert rig.kinds() == ["allwell"]


def shown(rig, keep_ms):
    """All that a bystander sees and hears of one 平安, its receipt and half a minute after."""
    seen = []
    rig.hold("allwell", keep_ms)
    names = rig.names()
    rig.take("panel")
    rig.tones()
    for answer in (None, "stored"):
        for name in names if answer else ():
            rig.receipt(name, incident="demo-%d" % name[1])
        for _ in range(35):
            rig.state()
            rig.after(1000)
            seen.append((rig.panel["lamps"], rig.panel["display"], rig.panel["grey"]))
        seen.append(rig.tones())
    return seen


def test_nothing_tells_a_duress_from_an_ordinary_allwell():
    assert shown(four(), 3200) == shown(four(), 200)


def test_any_chord_with_red_is_red():
    for first, second in (("allwell", "alarm"), ("alarm", "allwell"), ("alarm", "abnormal")):
        rig = four()
        rig.step("key", first, True)
        rig.after(200)
        rig.step("key", second, True)
        rig.after(200)
        rig.step("key", first, False)
        rig.step("key", second, False)
        rig.after(200)
        assert rig.kinds() == ["alarm"], (first, second)


def test_yellow_and_red_at_one_stroke_is_red():
    rig = four()
    rig.step("key", "abnormal", True)
    rig.after(20)
    rig.step("key", "alarm", True)
    rig.after(200)
    assert rig.kinds() == ["alarm"]


def test_a_duress_already_said_is_not_taken_back_by_red():
    rig = four()
    rig.step("key", "allwell", True)
    rig.after(3500)
    rig.press()
    rig.step("key", "allwell", False)
    rig.after(200)
    assert rig.kinds() == ["duress", "alarm"]


def test_an_alarm_is_shown_before_a_note():
    rig = four()
    rig.press("abnormal")
    rig.press()
    assert rig.panel["display"] == "呼叫中"
    assert rig.lamps()[0] == "fast"


def test_a_covert_board_shows_no_note():
    rig = four(settings={"covert": True})
    rig.press("abnormal")
    rig.receipt(rig.names()[-1])
    assert rig.lamps() == ["blip", "off", "off", "off"]
    assert rig.panel["display"] == "正常"
