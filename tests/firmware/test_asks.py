"""Roll calls and texts: asked, answered by the grey key, ended by their window."""

from tests.firmware.rig import Rig

CALL = {"id": "ask-7", "kind": "roll_call", "text": "点名", "left_ms": 60000}
TEXT = {"id": "ask-9", "kind": "text", "text": "今晚有雷雨", "left_ms": 60000}


def asked(*asks, **more):
    rig = Rig(**more)
    rig.tones()
    rig.state(asks=list(asks))
    return rig


def grey(rig):
    return rig.panel["grey"]


def test_a_short_grey_press_answers_the_oldest_and_says_what():
    rig = asked(CALL, TEXT)
    rig.press("confirm")
    ((_, kind, said),) = rig.take("save")
    assert (kind, said["about"], said["code"]) == ("answer", "ask-7", "heard")
    assert rig.panel["display"] == "今晚有雷雨 · 灰键:已读"
    rig.press("confirm")
    assert rig.take("save")[0][2]["about"] == "ask-9"
    assert grey(rig) == "off" and rig.panel["display"] == "正常"


def test_what_was_answered_rings_no_more_though_a_late_state_names_it():
    rig = asked(CALL)
    assert rig.tones() == ["dingdong"]
    rig.press("confirm")
    rig.tones()
    rig.state(asks=[CALL])
    assert grey(rig) == "off" and rig.tones() == []


def test_an_answer_under_way_at_a_reboot_does_not_ring_again():
    answer = (("aa" * 8, 4), "answer", "saved", {"about": "ask-7", "code": "heard"}, 1)
    rig = Rig([answer])
    rig.state(asks=[CALL])
    assert grey(rig) == "off"


def test_its_window_ends_it_and_so_does_a_state_without_it():
    rig = asked(CALL)
    rig.after(30000)
    rig.state(asks=[dict(CALL, left_ms=30000)])
    assert grey(rig) == "double"
    rig.after(29000)
    rig.state(asks=[dict(CALL, left_ms=1000)])
    rig.after(1100)
    assert grey(rig) == "off"
    rig = asked(CALL)
    rig.state()
    assert grey(rig) == "off"


def test_an_alarm_and_a_ringing_pager_go_first():
    rig = asked(CALL)
    rig.press()
    assert rig.panel["display"] == "呼叫中" and grey(rig) == "off"
    rig = asked(CALL)
    rig.say("order", {"kind": "alert", "alert": {"incident": "d-9", "site": "河西街道小学"}})
    assert grey(rig) == "fast"
    rig.press("confirm")
    assert rig.take("save")[0][2]["about"] == "d-9"
    assert grey(rig) == "double"


def test_an_ask_beside_an_alert_that_was_heard_is_answered_and_the_alert_still_taken():
    alert = {"kind": "alert", "alert": {"incident": "d-9", "site": "河西街道小学"}}
    rig = Rig()
    rig.say("order", alert)
    rig.press("confirm")
    rig.state(asks=[CALL], alerts=[alert["alert"]])
    rig.take("save")
    assert grey(rig) == "double"
    rig.press("confirm")
    assert rig.take("save")[0][2]["about"] == "ask-7" and grey(rig) == "off"
    rig.hold("confirm", 3100)
    said = rig.take("save")[0][2]
    assert (said["about"], said["code"]) == ("d-9", "taken")


def test_it_rings_when_the_alarm_is_over():
    rig = Rig()
    name = rig.felt()
    rig.receipt(name)
    rig.tones()
    rig.state((name, "stored"), asks=[CALL])
    assert "dingdong" not in rig.tones()
    rig.state((name, "closed"), asks=[CALL])
    assert "dingdong" in rig.tones()


ALERT = {"incident": "d-9", "site": "河西街道小学"}


def grey_day(hidden):
    """All that shows and sounds, from a duress that may be open on: asked, answered, rung, tested;
    and what it answered."""
    rig = Rig()
    open_ = []
    if hidden:
        name = rig.felt("duress")
        rig.receipt(name)
        open_ = [(name, "stored")]
    else:
        rig.after(120)
    for _ in range(7):
        rig.after(5000)  # the idle blip's dark time is over
        rig.state(*open_)
    rig.take("tone")
    rig.take("save")
    seen = []

    def look():
        seen.append((rig.panel["lamps"], rig.panel["grey"], rig.panel["display"], rig.tones()))

    rig.state(*open_, asks=[CALL, TEXT])
    look()
    for _ in range(2):
        rig.press("confirm")
        look()
    rig.state(*open_, alerts=[ALERT])
    look()
    rig.press("confirm")
    look()
    rig.hold("confirm", 3100)
    look()
    rig.state(*open_)
    rig.hold("confirm", 5100)
    look()
    return seen, [(effect[1], effect[2].get("code")) for effect in rig.take("save")]


def test_an_open_duress_changes_nothing_that_grey_does_or_shows():
    seen, said = grey_day(hidden=True)
    assert (seen, said) == grey_day(hidden=False)
    assert [code for _, code in said] == ["heard", "heard", "heard", "taken"]


def test_a_board_that_rings_rings_on_when_a_duress_is_pressed():
    rig = Rig()
    rig.say("order", {"kind": "alert", "alert": ALERT})
    rig.receipt(rig.felt("duress"))
    assert grey(rig) == "fast" and rig.board.sound == "ring"
    rig.press("confirm")
    assert rig.take("save")[0][2]["code"] == "heard" and grey(rig) == "off"


def test_a_covert_site_answers_what_it_shows_beside_its_own_alarm():
    rig = asked(CALL, settings={"covert": True})
    name = rig.felt()
    rig.receipt(name)
    rig.state((name, "stored"), asks=[CALL])
    for wait_ms in (100, 61000):  # while a withdrawal may be asked, and later
        rig.after(wait_ms)
        rig.state((name, "stored"), asks=[dict(CALL, id="ask-%d" % wait_ms)])
        assert rig.panel["display"] == "点名:按灰键"
        rig.press("confirm")
        assert rig.kinds() == ["answer"] and rig.panel["display"] == "正常"


def test_a_covert_site_reads_it_without_light_or_sound():
    rig = asked(CALL, settings={"covert": True})
    assert rig.panel["display"] == "点名:按灰键"
    assert grey(rig) == "off" and rig.tones() == []
    rig.press("confirm")
    assert rig.kinds() == ["answer"]
