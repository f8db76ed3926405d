"""The settings' page: one at a time, checked as the file is, on record as before and after."""

import pytest

from hub import settings_file
from hub.desk.office.registry.settings import FIXED
from hub.desk.texts import WORDS
from hub.settings import LIMITS
from protocol import catalogue
from tests.desk.client import Client, Reply
from tests.desk.fixture import Served
from tests.desk.test_office import send

PATH = "/admin/settings"


def change(administrator: Client, name: str, value: str = "", do: str = "") -> Reply:
    return send(administrator, PATH, name=name, value=value, do=do)


def written(served: Served) -> dict[str, object]:
    return settings_file.values(served.live.folder.settings())


def test_a_setting_is_changed_and_on_record(served: Served, administrator: Client) -> None:
    before = administrator.get(PATH).text.count("重启后生效")
    assert change(administrator, "presence.lost_s", "90").status == 303
    assert written(served)["presence.lost_s"] == 90
    page = administrator.get(PATH).text
    assert "请技术员停掉值班主机" in page and 'value="90"' in page
    assert page.count("重启后生效") == before + 1
    entry = served.live.db.execute(
        "SELECT actor, body FROM ledger WHERE kind = 'registry'"
    ).fetchone()
    assert entry["actor"] == "王工" and '"value":80' in entry["body"]
    assert "presence.lost_s" in administrator.get("/admin/changes").text
    assert change(administrator, "presence.lost_s", "８５").status == 303  # full-width digits
    assert written(served)["presence.lost_s"] == 85
    assert change(administrator, "presence.lost_s", do="usual").status == 303
    assert written(served)["presence.lost_s"] == 80


def test_times_are_taken_as_people_write_them(served: Served, administrator: Client) -> None:
    for typed, kept in (("8:30，16：00", "08:30 16:00"), ("0830 1600", "08:30 16:00"), ("", "")):
        assert change(administrator, "duty.roll_calls", typed).status == 303
        assert written(served)["duty.roll_calls"] == kept


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("presence.lost_s", "0", "10 到"),
        ("presence.lost_s", "-5", "应为10 到"),
        ("presence.lost_s", "九十", "应是整数"),
        ("presence.lost_s", "9" * 11, "应为10 到"),
        ("presence.lost_s", "25", "应大于“心跳间隔（毫秒）”，那里现为 25000"),
        ("presence.attended_s", "1500", "应大于“"),
        ("presence.ask_s", "1800", "应小于“"),
        ("escalation.louder_s", "31", "应不大于“"),
        ("escalation.loudest_s", "14", "应不小于“"),
        ("escalation.page_s", "999999999", "应为0 到 600"),
        ("presence.desk_s", "1", "应为10 到 300"),
        ("presence.lost_s", " ", "不能空着"),
        ("city.receipt_s", "0", "应为1 到 3600"),
        ("duty_phone", "", "不能空着"),
        ("duty_phone", "abc", "应是电话号码"),
        ("duty.allwell_at", "25:00", "16:00 这样的时刻"),
        ("duty.roll_calls", "8:30, 26:00", "08:30 16:00 这样的时刻"),
        ("board.hold_ms", "9999999", "没有保存。按住多少毫秒算长按或撤回：应为1000 到 10000"),
        ("name", "  ", "不能空着"),
        ("name", "南山\u200b区", "看不见的字符"),
        ("escalation.command", "sh", "它已经不在了"),
        ("web.port", "1", "它已经不在了"),
        ("nothing", "1", "它已经不在了"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_changed(
    served: Served, administrator: Client, name: str, value: str, sentence: str
) -> None:
    before = written(served)
    reply = change(administrator, name, value)
    assert reply.status == 422 and sentence in reply.text
    assert written(served) == before


def test_each_setting_has_its_words_and_each_but_the_fixed_its_form(
    served: Served, administrator: Client
) -> None:
    page = administrator.get(PATH).text
    bounded = {f"board.{name}" for name, *_ in catalogue.fields("settings")}
    for name, value in written(served).items():
        assert f"set.{name}" in WORDS
        assert type(value) is not int or name in LIMITS or name in bounded
        assert (f'name="name" value="{name}"' in page) is not name.startswith(FIXED)


def test_the_ports_in_use_stand_beside_what_the_file_leaves_open(administrator: Client) -> None:
    page = administrator.get("/admin/settings").text
    assert "在用 11883" in page and "在用 11884" in page and "在用 8080" not in page
