"""The moments of the lamp table of firmware/README.md: each a board brought there by hand."""

from firmware.core import MOST_WAITING
from tests.firmware.rig import NOON_MS, Rig

DAY_MS = 86400000


def stored(rig):
    name = rig.felt()
    rig.receipt(name)
    return name


def taken(rig, *by):
    name = stored(rig)
    rig.state((name, "taken") + by)
    return name


def starting():
    return Rig(contact=False)


def not_enrolled():
    return Rig(contact=False, phase="unenrolled")


def updating():
    return Rig(phase="updating")


def verified():
    return Rig(verified_ms=NOON_MS - 12 * DAY_MS - 5)


def no_hub():
    rig = Rig()
    rig.link(up=False)
    rig.after(10000)
    return rig


def login_refused():
    rig = Rig(contact=False)
    rig.step("refused_login", 0)
    return rig


def felt():
    rig = Rig()
    rig.press()
    return rig


def is_stored():
    rig = Rig()
    stored(rig)
    return rig


def unattended():
    rig = Rig()
    rig.listening = False
    stored(rig)
    return rig


def is_taken():
    rig = Rig()
    taken(rig)
    return rig


def name_shown():
    rig = Rig(settings={"show_name": True})
    taken(rig, "王芳")
    return rig


def overdue():
    rig = Rig()
    rig.press()
    rig.after(10000)
    return rig


def later():
    rig = Rig()
    rig.receipt(rig.felt(), "later", after_ms=4000)
    return rig


def unsaved():
    rig = Rig(flash=False)
    rig.press()
    return rig


def full():
    rig = Rig()
    for _ in range(MOST_WAITING):
        rig.press()
    rig.tones()
    before = rig.board.reports.number
    rig.press()
    assert rig.board.reports.number == before
    assert rig.tones().count("click") == 0
    assert rig.take("gesture")[-1] == ("alarm", None)
    rig.after(5000)
    return rig


def refused():
    rig = Rig()
    rig.receipt(rig.felt(), "refused", reason="kind should be one of")
    return rig


def pressed_login_refused():
    rig = login_refused()
    rig.press()
    return rig


def lost(get_there):
    def moment():
        rig = get_there()
        rig.link(up=False)
        rig.after(10000)
        return rig

    return moment


def again_after(get_there):
    def moment():
        rig = get_there()
        rig.press()
        return rig

    return moment


def again_overdue():
    rig = Rig()
    stored(rig)
    rig.press()
    for _ in range(3):  # the hub lives, only this press does not get through
        rig.after(3500)
        rig.state()
    return rig


def again_refused():
    rig = Rig()
    rig.first = stored(rig)
    rig.receipt(rig.felt(), "refused")
    return rig


def refused_and_read():
    rig = refused()
    rig.tones()
    rig.press("confirm")
    return rig


def again_refused_then_closed():
    rig = again_refused()
    rig.state((rig.first, "closed"))
    return rig


def withdrawal():
    rig = Rig()
    stored(rig)
    rig.after(2000)
    rig.tones()
    rig.hold("confirm", 3000)
    assert rig.tones() == []
    rig.receipt(rig.names()[-1])
    return rig


def closed():
    rig = Rig()
    rig.state((taken(rig), "closed"))
    return rig


def ringing():
    rig = Rig()
    rig.say("order", {"kind": "alert", "alert": {"incident": "d-9", "site": "河西街道小学"}})
    assert rig.panel["grey"] == "fast"
    return rig


def window():
    rig = Rig()
    rig.hold("confirm", 5000)
    return rig


def pressed_in_window():
    rig = window()
    rig.tones()
    rig.press()
    assert rig.kinds() == ["test"]
    return rig


def pressed_in_window_while_ringing():
    rig = window()
    rig.say("order", {"kind": "alert", "alert": {"incident": "d-9", "site": "河西街道小学"}})
    rig.press()
    assert rig.kinds() == ["test"] and rig.panel["grey"] == "fast"
    return rig


def overdue_in_window_while_ringing():
    rig = pressed_in_window_while_ringing()
    for _ in range(4):
        rig.after(2600)
        rig.say("order", {"kind": "alert", "alert": {"incident": "d-9", "site": "河西街道小学"}})
    return rig


def stored_in_window():
    rig = window()
    rig.tones()
    rig.receipt(rig.felt())
    return rig


def drill():
    rig = Rig()
    rig.state(drill_ms=600000)
    return rig


def pressed_in_drill():
    rig = drill()
    rig.press()
    return rig


def stored_in_drill_that_ended():
    rig = drill()
    rig.tones()
    rig.receipt(rig.felt(), drill=True)
    rig.state()
    return rig


def stored_before_a_drill():
    rig = Rig()
    rig.receipt(rig.felt())
    rig.state(drill_ms=600000)
    return rig


def covert():
    rig = Rig(settings={"covert": True})
    rig.press()
    return rig


def covert_in_a_drill():
    rig = Rig(settings={"covert": True})
    rig.state(drill_ms=600000)
    return rig


def covert_stored():
    rig = Rig(settings={"covert": True})
    stored(rig)
    return rig


def duress():
    rig = Rig()
    rig.press("duress")
    return rig


def duress_stored():
    rig = Rig()
    rig.receipt(rig.felt("duress"))
    return rig


FOUR = ("alarm", "abnormal", "allwell", "confirm")


def note(key, then=""):
    def moment():
        rig = Rig(keys=FOUR)
        rig.hold(key, 60)
        if then == "stored":
            rig.receipt(rig.names()[-1])
        elif then == "late":
            rig.after(10000)
        return rig

    return moment


def allwell_held():
    rig = Rig(keys=FOUR)
    rig.hold("allwell", 3500)
    duress, allwell = rig.names()
    rig.receipt(duress)
    rig.receipt(allwell)
    return rig


def asked(hidden=False, **ask):
    def moment():
        rig = duress_stored() if hidden else Rig()
        rig.tones()
        rig.state(asks=[dict({"id": "ask-7", "left_ms": 600000}, **ask)])
        assert rig.panel["grey"] == "double"
        return rig

    return moment


def asked_and_answered():
    rig = asked(hidden=True, kind="roll_call", text="点名")()
    rig.press("confirm")
    assert rig.panel["grey"] == "off"
    return rig


def window_in_duress():
    rig = duress_stored()
    rig.hold("confirm", 5000)
    return rig


MOMENTS = {
    "异常 sent": note("abnormal"),
    "异常 stored": note("abnormal", "stored"),
    "异常, 10 s and no receipt": note("abnormal", "late"),
    "平安 sent": note("allwell"),
    "平安 stored": note("allwell", "stored"),
    "平安, 10 s and no receipt": note("allwell", "late"),
    "平安 held 3 s, both stored": allwell_held,
    "roll call": asked(kind="roll_call", text="点名"),
    "text to read": asked(kind="text", text="今晚有雷雨"),
    "roll call, a duress open": asked(hidden=True, kind="roll_call", text="点名"),
    "roll call, a duress open, answered": asked_and_answered,
    "test window open, a duress open": window_in_duress,
    "starting": starting,
    "not enrolled": not_enrolled,
    "updating": updating,
    "idle, hub in contact": Rig,
    "idle, verified 12 days ago": verified,
    "idle, no hub": no_hub,
    "idle, login refused": login_refused,
    "felt": felt,
    "stored": is_stored,
    "stored, nobody at a listening desk": unattended,
    "taken": is_taken,
    "taken, name shown": name_shown,
    "10 s and no receipt": overdue,
    "later": later,
    "not saved in flash": unsaved,
    "no room for one more": full,
    "refused": refused,
    "pressed, login refused": pressed_login_refused,
    "link lost after stored": lost(is_stored),
    "link lost after taken": lost(is_taken),
    "pressed again after stored": again_after(is_stored),
    "pressed again after taken": again_after(is_taken),
    "pressed again, nobody at a listening desk": again_after(unattended),
    "pressed again, 10 s and no receipt": again_overdue,
    "pressed again, refused": again_refused,
    "refused, read (grey, short)": refused_and_read,
    "pressed again, refused, then closed": again_refused_then_closed,
    "withdrawal asked": withdrawal,
    "closed": closed,
    "ringing as a pager": ringing,
    "test window open": window,
    "test pressed": pressed_in_window,
    "test pressed while ringing as a pager": pressed_in_window_while_ringing,
    "the same, 10 s and no receipt": overdue_in_window_while_ringing,
    "test stored": stored_in_window,
    "drill window open": drill,
    "pressed in a drill": pressed_in_drill,
    "stored, of a drill that ended since": stored_in_drill_that_ended,
    "stored, and a drill window opens": stored_before_a_drill,
    "covert site, drill window open": covert_in_a_drill,
    "covert site, pressed": covert,
    "covert site, stored": covert_stored,
    "duress pressed": duress,
    "duress stored": duress_stored,
}
