"""Sendings, heartbeats, receipts: what a board says, how often, and on which path."""

import json

from tests.firmware.rig import BOOT, LEDGER, Rig


def sent(rig, message=None, path=None):
    """[(path, message, value)] since the last look."""
    found = [(p, m, json.loads(str(b, "utf-8"))) for p, m, b in rig.take("send")]
    return [s for s in found if message in (None, s[1]) and (path is None or path == s[0])]


def reports(rig):
    return [(value["kind"], value["number"]) for _, _, value in sent(rig, "report")]


def record(number, state="saved", kind="alarm", boot="a" * 16):
    return (boot, number), kind, state, {"at_ms": number}, 1


def answered(rig, ms):
    """Let time pass with a hub that answers each heartbeat."""
    for _ in range(ms // 500):
        rig.after(500)
        if any(effect[0] == "send" and effect[2] == "heartbeat" for effect in rig.effects):
            rig.state()


def test_a_link_that_comes_up_hears_hello_then_all_that_waits_then_a_heartbeat():
    rig = Rig([record(1, kind="status"), record(2), record(3, kind="test")], contact=False)
    rig.press()
    rig.link()
    order = [(m, value.get("kind")) for _, m, value in sent(rig)]
    assert order == [
        ("hello", None),
        ("report", "alarm"),
        ("report", "alarm"),
        ("report", "test"),
        ("report", "status"),
        ("heartbeat", None),
    ]


def test_a_hub_that_does_not_know_this_start_hears_hello_again_on_that_path():
    rig = Rig()
    rig.link(1)
    ((_, _, first),) = sent(rig, "hello", 1)
    rig.state(path=1, hello=True)
    assert sent(rig) == [(1, "hello", first)]
    rig.state()
    assert sent(rig) == []


def test_a_report_is_repeated_until_its_receipt():
    rig = Rig()
    name = rig.felt()
    sent(rig)
    rig.after(3500)
    assert reports(rig) == [("alarm", 1)] * 2  # after 1 s, then 2 s more
    rig.receipt(name)
    rig.after(60000)
    assert reports(rig) == []


def test_retries_grow_to_30_s():
    rig = Rig()
    rig.press()
    rig.after(200000)
    sent(rig)
    rig.after(60000)
    assert len(reports(rig)) == 2


def test_a_press_ends_the_back_off_of_others_but_does_not_multiply_them():
    rig = Rig()
    rig.press()
    rig.after(100000)
    sent(rig)
    rig.press()
    assert ("alarm", 1) in reports(rig)
    for _ in range(4):
        rig.press()
    assert reports(rig).count(("alarm", 1)) == 0


def test_age_and_reboots():
    rig = Rig([record(4)], contact=False)
    rig.after(7000)
    rig.press()
    rig.after(2000)
    rig.link()
    values = [value for _, _, value in sent(rig, "report")]
    assert (values[0]["age_ms"], values[0]["reboots"]) == (9120, 1)  # at least: since this start
    assert (values[1]["age_ms"], values[1]["reboots"]) == (2120, 0)


def test_a_drill_confirmed_under_the_finger_is_shown_again_when_the_hold_makes_it_real():
    for early in (True, False):  # the drill's end is heard before the hold is felt, or after it
        rig = Rig()
        rig.state(drill_ms=600000)
        rig.step("key", "alarm", True)
        rig.after(60)
        (press,) = rig.names()
        rig.receipt(press, state="stored", drill=True)
        assert rig.lamps() == ["on", "on", "off", "off"] and rig.panel["display"].startswith(
            "演练"
        )
        if not early:
            rig.after(3000)
        rig.row += 1
        rig.state((press, "closed"), drill_ms=590000)
        assert rig.lamps()[1] == "off"
        if early:
            rig.after(3000)
        (hold,) = rig.names()
        rig.receipt(hold, incident="demo-2", state="stored")
        assert rig.lamps() == ["on", "on", "off", "off"]
        assert not rig.panel["display"].startswith("演练")
        rig.step("key", "alarm", False)
        rig.after(5500)
        asked = [value["open"] for _, _, value in sent(rig, "heartbeat") if "open" in value]
        assert asked[-1] == ["%s:%d" % press]  # and it is followed to its end
        rig.row += 1
        rig.state((press, "taken"))
        assert rig.lamps() == ["on", "on", "on", "off"]
        rig.row += 1
        rig.state((press, "closed"))
        assert rig.lamps()[1:3] == ["off", "off"]


def test_a_hold_of_an_earlier_start_does_not_speak_for_the_press_after_it():
    """It was of a press whose taking is over: a later one has called again since."""
    hold = ("a" * 16, 4), "hold", "saved", {"about": "a" * 16 + ":3"}, 1
    rig = Rig([hold, record(8, "stored")])
    rig.receipt(("a" * 16, 4), state="taken")
    assert rig.lamps() == ["on", "on", "off", "off"]


def test_what_made_an_incident_untaken_again_counts_also_when_another_one_was_told_since():
    rig = Rig([record(6)])
    press = rig.felt()
    rig.receipt(press, state="stored")
    rig.row += 1
    rig.state((press, "taken"))
    assert rig.lamps() == ["fast", "on", "off", "off"]  # the other is on its way
    again = {"boot": "a" * 16, "number": 6, "answer": "stored", "ledger": LEDGER, "row": 102}
    again.update({"listening": True, "incident": "demo-1", "state": "stored"})
    duress = {"boot": "a" * 16, "number": 3, "answer": "stored", "ledger": LEDGER, "row": 106}
    rig.say("receipt", dict(duress, listening=True, incident="demo-2", state="stored"))
    rig.say("receipt", again)
    assert rig.lamps() == ["on", "on", "off", "off"]
    rig.row = 110
    rig.state((press, "taken"))
    rig.say("receipt", dict(again, boot=press[0], number=press[1]))  # a late copy
    assert rig.lamps() == ["on", "on", "on", "off"]


def test_a_hold_that_opened_nothing_lights_nothing():
    rig = Rig()
    rig.step("key", "alarm", True)
    rig.after(60)
    (press,) = rig.names()
    rig.receipt(press, state="stored")
    rig.row += 1
    rig.state((press, "closed"))
    rig.after(3000)
    (hold,) = rig.names()
    rig.receipt(hold, state="closed")
    assert rig.lamps()[1:3] == ["off", "off"]


def test_presses_go_out_on_every_path_and_others_on_the_first_that_is_healthy():
    rig = Rig()
    rig.link(1)
    sent(rig)
    rig.hold("alarm", 3100)
    kinds = {}
    for path, _, value in sent(rig, "report"):
        kinds.setdefault(value["kind"], set()).add(path)
    assert kinds == {"alarm": {0, 1}, "hold": {0, 1}}
    rig.step("status", "tamper", "open")
    assert {path for path, _, _ in sent(rig, "report")} == {0}
    rig.link(0, False)
    rig.step("status", "tamper", "shut")
    assert {path for path, _, value in sent(rig, "report")} == {1}


def test_a_deaf_path_is_not_the_first():
    rig = Rig()
    rig.link(1)
    for _ in range(5):  # path 0 says nothing more, the hub is heard on path 1
        rig.after(25000)
        rig.say("state", dict(STATE, row=9), path=1)
    sent(rig)
    rig.step("status", "tamper", "open")
    assert {path for path, _, _ in sent(rig, "report")} == {1}
    assert rig.lamps() == ["blip", "off", "off", "off"]


STATE = {
    "ledger": LEDGER,
    "row": 1,
    "wall_ms": 1700020800000,
    "listening": True,
    "settings": 0,
    "presses": [],
    "alerts": [],
}


def test_heartbeats_come_each_25_s_and_each_5_s_while_an_alarm_is_open():
    rig = Rig()
    sent(rig)
    answered(rig, 100000)
    assert len(sent(rig, "heartbeat")) == 4
    name = rig.felt()
    rig.receipt(name)
    sent(rig)
    answered(rig, 50000)
    assert len(sent(rig, "heartbeat")) == 10
    rig.state((name, "closed"))
    sent(rig)
    answered(rig, 100000)
    assert len(sent(rig, "heartbeat")) == 4


def test_two_heartbeats_unanswered_are_no_hub_behind_a_living_broker():
    rig = Rig()
    rig.after(34000)
    assert rig.lamps() == ["blip", "off", "off", "off"]
    rig.after(2000)
    assert rig.lamps() == ["off", "off", "off", "slow"]
    rig.state()
    assert rig.lamps() == ["blip", "off", "off", "off"]


def test_a_short_break_of_the_link_is_no_lost_hub():
    rig = Rig()
    rig.link(up=False)
    rig.after(8000)
    assert rig.lamps()[3] == "off"
    rig.link()
    rig.state()
    rig.link(up=False)
    rig.after(8000)
    assert rig.lamps()[3] == "off"


def test_a_heartbeat_names_what_is_asked_for_in_turns():
    rig = Rig([record(number) for number in range(1, 21)])
    asked = set()
    for _ in range(3):
        asked |= set(sent(rig, "heartbeat")[-1][2]["open"])
        rig.after(5000)
    assert len(asked) == 20


def test_waiting_from_is_the_lowest_number_without_a_receipt():
    rig = Rig()
    assert sent(rig, "heartbeat")[-1][2]["waiting_from"] == 1
    names = [rig.felt() for _ in range(3)]
    rig.receipt(names[0])
    rig.receipt(names[2])
    rig.after(6000)
    assert sent(rig, "heartbeat")[-1][2]["waiting_from"] == 2
    rig.receipt(names[1])
    rig.after(6000)
    assert sent(rig, "heartbeat")[-1][2]["waiting_from"] == 4


def test_a_state_is_a_receipt_for_what_it_calls_stored_taken_or_closed():
    for state in ("stored", "taken", "closed"):
        rig = Rig()
        name = rig.felt()
        rig.state((name, state))
        sent(rig)
        rig.after(3000)
        assert reports(rig) == []
        assert rig.lamps()[1] == ("off" if state == "closed" else "on")


def test_unknown_offers_it_again_with_what_it_was():
    rig = Rig()
    name = rig.felt()
    rig.receipt(name)
    rig.state((name, "taken"))
    sent(rig)
    rig.state((name, "unknown"))
    assert sent(rig, "report")[0][2]["was"] == "taken"
    assert rig.lamps()[:3] == ["fast", "off", "off"]


def test_later_keeps_it_and_offers_it_again_after_that_time():
    rig = Rig()
    name = rig.felt()
    rig.receipt(name, "later", after_ms=7000)
    sent(rig)
    rig.press()
    rig.after(6000)
    assert ("alarm", 1) not in reports(rig)
    rig.after(2000)
    assert ("alarm", 1) in reports(rig)
    rig.receipt(name)
    assert rig.lamps()[1] == "on"


def test_a_refused_report_is_final_and_set_aside():
    rig = Rig()
    name = rig.felt()
    rig.receipt(name, "refused")
    assert rig.take("mark") == [(name, "refused")]
    sent(rig)
    rig.after(60000)
    assert reports(rig) == []
    rig.receipt(rig.felt())  # the hub knows this board after all
    assert rig.lamps() == ["on", "on", "off", "off"]


def test_only_presses_are_followed_to_their_end():
    rig = Rig()
    alarm = rig.felt()
    rig.receipt(alarm)
    rig.after(3000)
    rig.hold("confirm", 3000)
    wish = rig.names()[-1]
    rig.receipt(wish)
    assert wish not in rig.board.reports.all and alarm in rig.board.reports.all


def test_older_presses_of_an_incident_follow_the_newest():
    rig = Rig()
    names = [rig.felt() for _ in range(20)]
    for name in names:
        rig.receipt(name)
    assert list(rig.board.reports.all) == [names[-1]]
    rig.state((names[-1], "closed"))
    marks = dict(rig.take("mark"))
    assert all(marks[name] == "closed" for name in names)


def test_an_unsaved_newest_press_ends_no_older_one():
    rig = Rig()
    first = rig.felt()
    rig.receipt(first)
    rig.flash = False
    second = rig.felt()
    rig.receipt(second)
    assert sorted(rig.board.reports.all) == [first, second]


def test_a_receipt_before_the_flash_is_marked_after_it():
    rig = Rig(flash=None)
    name = rig.felt()
    rig.receipt(name)
    assert rig.take("mark") == []
    rig.step("saved", name, True)
    assert rig.take("mark") == [(name, "stored")]


def test_an_unsaved_press_is_sent_and_saved_again_when_flash_has_room():
    rig = Rig(flash=False)
    name = rig.felt()
    assert rig.lamps()[3] == "on"
    rig.flash = True
    rig.after(3000)
    assert rig.names() == [name]
    assert rig.lamps()[3] == "off"


def test_a_press_that_the_hub_has_is_saved_too_when_flash_has_room():
    """The hub may lose it: only what is kept can be offered again."""
    rig = Rig(flash=False)
    rig.receipt(rig.felt())
    rig.take("save")
    answered(rig, 6000)
    assert len(rig.names()) == 1 and rig.take("mark") == []  # tried again, in vain
    rig.flash = True
    answered(rig, 6000)
    assert rig.take("mark") == [((BOOT, 1), "stored")]
    rig.take("save")
    answered(rig, 12000)
    assert rig.names() == []


def test_a_press_that_ends_while_flash_writes_it_again_is_marked_after_it():
    rig = Rig(flash=False)
    name = rig.felt()
    rig.flash = None
    rig.after(3000)
    assert rig.names() == [name]  # asked once, however often it was sent meanwhile
    rig.state((name, "closed"))
    assert rig.take("mark") == []
    rig.step("saved", name, True)
    assert rig.take("mark") == [(name, "closed")]


def test_presses_keep_half_of_the_room_for_themselves():
    rig = Rig(contact=False, most_waiting=8)
    for _ in range(10):
        rig.step("status", "noise", "")
    assert rig.board.reports.waiting() == 4
    assert rig.board.dropped == 6
    for _ in range(5):
        rig.press()
    assert rig.board.reports.waiting() == 8
    assert rig.take("gesture")[-1] == ("alarm", None)


def test_settings_are_taken_kept_and_told():
    rig = Rig()
    settings = dict(rig.board.settings, hold_ms=2000, duty_phone="110", covert=False)
    rig.say("order", {"kind": "settings", "version": 7, "settings": settings})
    assert rig.take("settings") == [(7, settings)]
    rig.say("order", {"kind": "settings", "version": 7, "settings": settings})
    assert rig.take("settings") == []
    rig.after(26000)
    assert sent(rig, "heartbeat")[-1][2]["settings"] == 7
    rig.hold("alarm", 2100)
    assert rig.kinds() == ["alarm", "hold"]


def test_what_the_hub_should_not_say_is_counted():
    rig = Rig()
    rig.step("heard", 0, "receipt", b"{")
    rig.step("heard", 0, "report", b"{}")
    rig.step("heard", 0, "nothing", b"{}")
    rig.step("heard", 0, "state", b"\xff" * 5000)
    rig.say("order", {"kind": "alert"})
    rig.after(26000)
    assert sent(rig, "heartbeat")[-1][2]["refused"] == 5


def test_another_birth_recalls_all_that_is_kept():
    rig = Rig([record(1, "stored")])
    sent(rig)
    effects = rig.board.step(
        ("heard", 0, "state", json.dumps(dict(STATE, ledger="f" * 16)).encode()), rig.now_ms
    )
    assert ("birth", "") in effects and ("recall", None) in effects
    first = [json.loads(str(e[3], "utf-8")) for e in effects if e[:3] == ("send", 0, "report")]
    assert [(value["number"], value["was"]) for value in first] == [(1, "stored")]
    kept = [record(2, "closed"), record(3, "stored", "test"), record(1, "stored")]
    effects = rig.board.step(("recalled", (1, 2, 3), kept), rig.now_ms)
    again = [json.loads(str(e[3], "utf-8")) for e in effects if e[0] == "send"]
    assert [(value["number"], value["was"]) for value in again] == [(2, "closed"), (3, "stored")]
    assert rig.board.panel["lamps"]["calling"] == "fast"  # of the stored press alone
    for number in (2, 3):
        rig.receipt(("a" * 16, number))
    assert rig.take("recall") == []  # press 1 still waits
    rig.receipt(("a" * 16, 1))
    assert rig.take("birth") == [("f" * 16,)]
    rig.after(6000)
    assert sent(rig, "heartbeat")[-1][2]["ledger"] == "f" * 16
    assert sent(rig, "heartbeat") == []
    assert list(rig.board.reports.all) == [("a" * 16, 1)]


def test_a_cut_in_a_recall_begins_again():
    rig = Rig(ledger="")
    assert rig.take("recall") == [(None,)]
    assert rig.take("birth") == [("",), (LEDGER,)]


def test_a_wake_changes_nothing_by_itself():
    rig = Rig()
    rig.after(10)
    rig.effects = []
    for _ in range(5):
        rig.step("wake")
    assert rig.effects == []


def test_numbers_count_from_one_within_a_start():
    rig = Rig([record(40)])
    assert [rig.felt() for _ in range(3)] == [(BOOT, 1), (BOOT, 2), (BOOT, 3)]


def test_a_ledger_set_back_under_its_own_name_gets_what_it_lost():
    rig = Rig()
    name = rig.felt()
    rig.row = 100
    rig.receipt(name)
    sent(rig)
    rig.row = 5
    for _ in range(11):
        rig.after(5000)
        rig.state((name, "unknown"))
        assert reports(rig) == []
    rig.after(5000)
    rig.state((name, "unknown"))
    assert [value["was"] for _, _, value in sent(rig, "report")] == ["stored"]
    assert rig.lamps()[1] == "off"
    assert rig.take("recall")
