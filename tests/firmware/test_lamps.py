"""Each row of the lamp table of firmware/README.md, on three lamps and on one LED."""

from tests.firmware.moments import FOUR, MOMENTS, refused, stored, taken
from tests.firmware.rig import BOOT, NOON_MS, Rig

README = __file__.rpartition("tests/")[0] + "firmware/README.md"


def rows():
    """{moment: cells} of the table in the README."""
    with open(README, "rb") as file:
        lines = str(file.read(), "utf-8").split("\n")
    start = lines.index(next(line for line in lines if line.startswith("| moment | ●"))) + 2
    found = {}
    for line in lines[start:]:
        if not line.startswith("|"):
            return found
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        found[cells[0]] = cells[1:]
    return found


def check_sound(rig, sound):
    tones = rig.tones()
    if ", each " in sound:
        name, _, period = sound.partition(", each ")
        period_ms = int(period.split()[0]) * 1000
        assert rig.board.sound == name and name in tones
        assert 0 < rig.board.sound_ms - rig.now_ms <= period_ms
        return
    assert rig.board.sound is None
    wanted = sound.split(", ") if sound else []
    assert tones[len(tones) - len(wanted) :] == wanted


def check(moment, cells):
    rig = MOMENTS[moment]()
    assert rig.lamps() == [cell or "off" for cell in cells[:4]]
    check_sound(rig, cells[4])
    assert rig.panel["display"] == cells[5]
    assert rig.panel["led"] == cells[6]


def test_every_row_of_the_table():
    failed = []
    for moment, cells in rows().items():
        try:
            check(moment, cells)
        except (AssertionError, KeyError) as error:
            failed.append((moment, str(error)[:300]))
    assert failed == [], failed


def test_no_row_is_without_a_moment_and_no_moment_without_a_row():
    table = rows()
    assert len(table) > 30
    assert sorted(set(table) ^ set(MOMENTS)) == []


def test_a_covert_board_makes_no_sound():
    rig = Rig(settings={"covert": True})
    stored(rig)
    rig.link(up=False)
    rig.after(20000)
    rig.press("duress")
    rig.press()
    rig.after(20000)
    rig.hold("confirm", 500)
    assert rig.tones() == []


def test_the_blip_is_dark_for_30_s_after_a_covert_press():
    rig = Rig(settings={"covert": True})
    rig.state((stored(rig), "closed"))
    rig.after(29000)
    assert rig.lamps()[0] == "off"
    for _ in range(3):
        rig.state()
        rig.after(1000)
    assert rig.lamps()[0] == "blip"


def test_a_hub_lost_at_night_makes_no_sound():
    rig = Rig()
    rig.wall_ms = NOON_MS + 14 * 3600000  # 02:00
    rig.state()
    rig.link(up=False)
    rig.after(10000)
    assert rig.lamps()[3] == "slow"
    rig.after(700000)
    assert rig.tones() == []


def test_trouble_repeats_its_sound_until_the_receipt():
    rig = Rig(contact=False)
    name = rig.felt()
    rig.tones()
    rig.after(29000)
    assert rig.tones() == ["lowlow"] * 4
    rig.link()
    rig.receipt(name)
    assert rig.tones() == ["rising2"]
    assert rig.lamps() == ["on", "on", "off", "off"]


def test_the_hub_says_what_is_a_drill_and_the_graver_word_shows():
    rig = Rig()
    rig.state(drill_ms=600000)
    name = rig.felt()
    assert rig.panel["display"] == "演练 呼叫中"  # until the hub has spoken, by the window
    rig.receipt(name, drill=True)
    assert rig.panel["display"] == "演练 已送达值班室"
    fate = {"press": "%s:%d" % name, "state": "stored", "incident": "demo-2"}
    rig.row += 1
    rig.state(drill_ms=600000, presses=[fate])  # 转为真警
    assert rig.panel["display"] == "已送达值班室"
    rig.press()
    assert rig.panel["display"] == "呼叫中"  # it joins a real alarm
    rig.tones()
    rig.receipt(rig.names()[-1], incident="demo-2")
    assert rig.tones() == ["rising2"]


def test_after_a_start_a_press_is_real_until_the_hub_says_drill():
    name = ("00000000000000a1", 3)
    rig = Rig([(name, "alarm", "stored", {"at_ms": 5}, 1)])
    assert rig.panel["display"] == "已送达值班室"
    fate = {"press": "%s:%d" % name, "state": "taken", "incident": "demo-1", "drill": True}
    rig.state(presses=[fate])
    assert rig.panel["display"] == "演练 值班员已接"


def test_a_refusal_stands_until_it_is_read_or_a_press_is_stored():
    rig = refused()
    for _ in range(120):
        rig.after(5000)
        rig.state()
    assert rig.lamps() == ["fast", "off", "off", "on"]  # time alone clears nothing
    rig.press()
    assert rig.lamps() == ["fast", "off", "off", "on"]
    rig.press("confirm")
    assert rig.lamps() == ["fast", "off", "off", "on"]  # a press waits: grey may only withdraw
    rig.receipt(rig.felt())
    rig = refused()
    rig.state(asks=[{"id": "ask-7", "kind": "text", "text": "今晚有雷雨", "left_ms": 600000}])
    rig.press("confirm")
    assert rig.panel["display"] == "今晚有雷雨 · 灰键:已读"  # it was hidden, and is not answered
    rig = Rig(keys=FOUR)
    rig.hold("abnormal", 60)
    rig.receipt(rig.names()[-1], "refused")
    rig.press("confirm")
    assert rig.lamps() == ["blip", "off", "off", "off"]


def test_a_reboot_resumes_the_pattern():
    waiting = (("aa" * 8, 4), "alarm", "saved", {"at_ms": 7}, 1)
    rig = Rig([waiting], contact=False)
    assert rig.lamps() == ["fast", "off", "off", "off"]
    rig.after(10000)
    assert rig.lamps() == ["fast", "off", "off", "fast"]
    rig = Rig([waiting[:2] + ("stored",) + waiting[3:]], contact=False)
    assert rig.lamps()[:3] == ["on", "on", "off"]
    rig.link()
    rig.state((waiting[0], "taken"))
    assert rig.lamps() == ["on", "on", "on", "off"]


def test_taken_stays_dark_after_a_later_press_until_it_is_taken_again():
    rig = Rig()
    first = taken(rig)
    second = rig.felt()
    rig.state((first, "taken"))  # said before the second press arrived
    assert rig.lamps() == ["fast", "on", "off", "off"]
    rig.receipt(second)
    assert rig.lamps() == ["on", "on", "off", "off"]
    rig.state((second, "taken"))
    assert rig.lamps() == ["on", "on", "on", "off"]


def test_a_press_that_waits_keeps_taken_dark():
    rig = Rig()
    first = stored(rig)
    rig.press()
    rig.after(100)
    rig.state((first, "taken"))
    assert rig.lamps()[:3] == ["fast", "on", "off"]


def test_a_stale_state_lights_nothing():
    rig = Rig()
    name = stored(rig)
    rig.row = 1
    rig.state((name, "taken"))
    assert rig.lamps() == ["on", "on", "off", "off"]


def test_a_late_receipt_takes_nothing_back():
    rig = Rig()
    name = taken(rig)
    rig.receipt(name)
    assert rig.lamps() == ["on", "on", "on", "off"]
    rig.state((name, "closed"))
    rig.receipt(name)
    assert rig.lamps() == ["blip", "off", "off", "off"]


def test_names_are_of_this_start():
    rig = Rig()
    assert rig.felt() == (BOOT, 1)
