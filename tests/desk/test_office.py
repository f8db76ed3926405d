"""The quiet pages: what is entered is on record, what is wrong is told, all can be put back."""

import re
from typing import Any
from urllib.parse import quote

import pytest

from hub.events import RegistryChanged
from tests.desk.client import Client, Reply
from tests.desk.fixture import Served

SITE = {"do": "save", "name": "第一小学", "street": "南山街道"}
GUARD = {
    "role0": "门卫",
    "name0": "老周",
    "phone0": "0755-86001234",
    "from_0": "7",
    "until0": "22",
}


def send(client: Client, path: str, **fields: str) -> Reply:
    """As a page without script sends a form: the token is a field."""
    token, client.token = client.token, ""
    try:
        return client.form(path, None, token=token, **fields)
    finally:
        client.token = token


def rows(served: Served, table: str) -> dict[str, Any]:
    return served.live.file.tables[table]


def site(administrator: Client, **more: str) -> str:
    reply = send(administrator, "/admin/sites", **{**SITE, **more})
    assert reply.status == 303, reply.text
    found = re.search(r"id=([\w-]+)&done=saved", reply.headers["Location"])
    assert found
    return found[1]


def test_a_site_is_entered_and_on_record(served: Served, administrator: Client) -> None:
    id_ = site(administrator, **GUARD, name1="老李", phone1="１３８００１３８０００", covert="1")
    assert rows(served, "sites")[id_] == {
        "id": "site-1",
        "name": "第一小学",
        "street": "南山街道",
        "covert": True,
        "contacts": [
            {"role": "门卫", "name": "老周", "phone": "0755-86001234", "from": 7, "until": 22},
            {"name": "老李", "phone": "13800138000", "from": 0, "until": 24},
        ],
    }
    entry = served.live.db.execute("SELECT * FROM ledger WHERE kind = 'registry'").fetchone()
    assert entry["actor"] == "王工" and "第一小学" in entry["body"]
    page = administrator.get(f"/admin/sites?id={id_}&done=saved").text
    assert "已保存" in page and 'value="老周"' in page and "nonsense" not in page


def test_a_changed_site_keeps_what_the_form_does_not_show(
    served: Served, administrator: Client
) -> None:
    id_ = site(administrator)
    served.call(
        served.live.enter, "hub", {"sites": [{**rows(served, "sites")[id_], "room": "x"}]}, {}
    )
    assert site(administrator, was=id_, name="第一小学（新）", **GUARD) == id_
    changed = rows(served, "sites")[id_]
    assert (changed["room"], changed["name"]) == ("x", "第一小学（新）")
    assert len(rows(served, "sites")) == 1


def test_what_whoever_goes_there_must_know_is_entered_and_emptied(
    served: Served, administrator: Client
) -> None:
    id_ = site(administrator, hazards=" 液氯  东北角 ", access="门卫室", plan="")
    row = rows(served, "sites")[id_]
    assert (row["hazards"], row["access"], "plan" in row) == ("液氯 东北角", "门卫室", False)
    assert 'value="液氯 东北角"' in administrator.get(f"/admin/sites?id={id_}").text
    site(administrator, was=id_, hazards="", plan="先停止加氯")
    row = rows(served, "sites")[id_]
    assert ("hazards" in row, "access" in row, row["plan"]) == (False, False, "先停止加氯")
    page = administrator.get("/admin/changes").text
    assert "危险源" in page and "先停止加氯" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": " "}, "地点名称：不能空着"),
        ({"name": "长" * 41}, "最多 40 个字"),
        ({"street": ""}, "街道：不能空着"),
        ({"plan": "长" * 121}, "预案：最多 120 个字"),
        ({"id": "第一"}, "编号：应为 3 到 32 个"),
        ({"phone0": "none"}, "电话：应是电话号码"),
        ({"phone0": ""}, "电话：不能空着"),
        ({"phone0": "1.38E+10"}, "Excel 把号码变成了"),
        ({"from_0": "24"}, "从几点：一天到 24 点为止"),
        ({"until0": "7:20"}, "到几点：应是整点"),
        ({"days0": "0-8"}, "星期几：应写"),
        ({"name0": "老\u200b周"}, "姓名：有看不见的字符"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(
    served: Served, administrator: Client, wrong: dict[str, str], sentence: str
) -> None:
    reply = send(administrator, "/admin/sites", **{**SITE, **GUARD, **wrong})
    assert reply.status == 422 and sentence in reply.text
    assert 'value="0755-86001234"' in reply.text or "phone0" in wrong
    assert rows(served, "sites") == {}


def test_an_id_is_never_given_twice(served: Served, administrator: Client) -> None:
    id_ = site(administrator, id="school-1")
    assert send(administrator, "/admin/sites", do="remove", was=id_).status == 303
    reply = send(administrator, "/admin/sites", **SITE, id="school-1")
    assert reply.status == 422 and "“school-1”已经用过" in reply.text
    assert site(administrator) == "site-1"
    send(administrator, "/admin/sites", do="remove", was="site-1")
    assert site(administrator) == "site-2"


def test_hours_without_a_contact_are_told(administrator: Client) -> None:
    site(administrator, **GUARD)
    assert "每周 63 小时无人" in administrator.get("/admin/sites?lacks=contacts").text
    site(administrator, was="site-1", **GUARD, name1="老李", phone1="110", from_1="22", until1="7")
    assert "每周" not in administrator.get("/admin/sites").text
    assert "没有符合的" in administrator.get("/admin/sites?lacks=contacts").text


def test_a_secret_is_shown_once_and_another_key_is_another_secret(
    served: Served, administrator: Client
) -> None:
    id_ = site(administrator)
    reply = send(administrator, "/admin/boards", do="enrol", site=id_, lamps="1", pager="1")
    board = rows(served, "boards")["site-1-1"]
    assert board == {
        "id": "site-1-1", "site": id_, "lamps": 1, "pager": True, "simulated": False,
        "key_number": 1,
    }  # fmt: skip
    first = served.live.folder.board_password("site-1-1", 1)
    assert reply.status == 200 and f"<code>{first}</code>" in reply.text
    assert first not in administrator.get("/admin/boards").text
    reply = send(administrator, "/admin/boards", do="key", id="site-1-1", key_number="1")
    second = served.live.folder.board_password("site-1-1", 2)
    assert second in reply.text and first not in reply.text and second != first
    assert rows(served, "boards")["site-1-1"]["key_number"] == 2


def test_where_a_board_is_can_be_said_at_once_and_later(
    served: Served, administrator: Client
) -> None:
    id_ = site(administrator)
    reply = send(administrator, "/admin/boards", do="enrol", site=id_, id="b-1", place="x" * 21)
    assert reply.status == 422 and "最多 20 个字" in reply.text
    send(administrator, "/admin/boards", do="enrol", site=id_, id="board-01", place=" 门卫室 ")
    assert rows(served, "boards")["board-01"]["place"] == "门卫室"
    assert "门卫室" in administrator.get(f"/admin/boards?q={quote('门卫')}").text
    form = administrator.get("/admin/boards?ask=edit&id=board-01").text
    assert 'value="门卫室"' in form
    reply = send(administrator, "/admin/boards", do="edit", id="board-01", place="y" * 21)
    assert reply.status == 422 and f'value="{"y" * 21}"' in reply.text
    reply = send(
        administrator, "/admin/boards", do="edit", id="board-01", place="传达室", pager="1"
    )
    assert reply.status == 303
    board = rows(served, "boards")["board-01"]
    assert (board["place"], board["pager"], board["key_number"]) == ("传达室", True, 1)
    assert "传达室" in administrator.get("/admin/changes").text
    assert send(administrator, "/admin/boards", do="edit", id="nowhere", place="").status == 422


def test_a_board_is_cut_off_only_after_it_was_said_what_that_does(
    served: Served, administrator: Client
) -> None:
    id_ = site(administrator)
    send(administrator, "/admin/boards", do="enrol", site=id_, id="board-01")
    listed = administrator.get("/admin/boards").text
    assert 'value="key"' not in listed and 'value="remove"' not in listed
    for do, told in (("key", "装上新密钥之前一直连不上"), ("remove", "不再接收它的任何报警")):
        assert f'href="/admin/boards?ask={do}&amp;id=board-01"' in listed
        asked = administrator.get(f"/admin/boards?ask={do}&id=board-01").text
        assert told in asked and "第一小学" in asked and "唯一的终端" in asked
        assert f'name="do" value="{do}"' in asked and "未办结" not in asked
    assert rows(served, "boards")["board-01"]["key_number"] == 1
    send(administrator, "/admin/boards", do="enrol", site=id_, id="board-02")
    served.call(served.live.report, "board-01")
    asked = administrator.get("/admin/boards?ask=key&id=board-01").text
    assert "唯一的终端" not in asked and "有未办结的事件" in asked


def test_a_key_is_changed_once_however_often_the_form_is_sent(
    served: Served, administrator: Client
) -> None:
    site(administrator)
    send(administrator, "/admin/boards", do="enrol", site="site-1", id="board-01")
    statuses = [
        send(administrator, "/admin/boards", do="key", id="board-01", key_number=seen)
        for seen in ("1", "1", "")
    ]
    assert [each.status for each in statuses] == [200, 422, 422]
    assert "密钥刚刚已经换过" in statuses[1].text and 'value="2"' in statuses[1].text
    assert rows(served, "boards")["board-01"]["key_number"] == 2
    assert send(administrator, "/admin/boards", do="", id="board-01").status == 422
    assert list(rows(served, "boards")) == ["board-01"]


def test_one_board_for_each_site_without(served: Served, administrator: Client) -> None:
    for name in ("甲校", "乙校", "丙校"):
        site(administrator, name=name)
    send(administrator, "/admin/boards", do="enrol", site="site-2", id="own-id")
    reply = send(administrator, "/admin/boards", do="each")
    assert list(rows(served, "boards")) == ["own-id", "site-1-1", "site-3-1"]
    assert reply.text.count("<code>") == 2
    again = send(administrator, "/admin/boards", do="each")
    assert again.status == 422 and "每个地点都已有终端" in again.text


def test_wrong_enrolments(served: Served, administrator: Client) -> None:
    site(administrator)
    for given, sentence in (
        ({}, "请选择一个地点"),
        ({"site": "nowhere"}, "请选择一个地点"),
        ({"site": "site-1", "id": "self-test"}, "已经用过"),
        ({"site": "site-1", "id": "A B"}, "编号：应为"),
    ):
        reply = send(administrator, "/admin/boards", do="enrol", **given)
        assert reply.status == 422 and sentence in reply.text
    assert "已经不在了" in send(administrator, "/admin/boards", do="key", id="nowhere").text
    assert rows(served, "boards") == {}


def test_nothing_is_left_without_its_site_or_with_an_open_alarm(
    served: Served, administrator: Client
) -> None:
    id_ = site(administrator)
    send(administrator, "/admin/boards", do="enrol", site=id_, id="board-01")
    reply = send(administrator, "/admin/sites", do="remove", was=id_)
    assert reply.status == 422 and "终端 board-01 会失去它的地点" in reply.text
    incident = served.call(served.live.report, "board-01")
    reply = send(administrator, "/admin/boards", do="remove", id="board-01")
    assert reply.status == 422 and "未办结的事件" in reply.text
    served.call(served.live.act_as, "张伟", "take", incident)
    served.call(served.live.act_as, "张伟", "outcome", incident, outcome="real")
    served.call(served.live.act_as, "张伟", "close", incident)
    assert send(administrator, "/admin/boards", do="remove", id="board-01").status == 303
    assert send(administrator, "/admin/sites", do="remove", was=id_).status == 303
    assert rows(served, "sites") == rows(served, "boards") == {}


def changes(administrator: Client) -> list[str]:
    """Numbers of those that can be put back, newest first."""
    return re.findall(r"/admin/changes\?ask=(\d+)", administrator.get("/admin/changes").text)


def test_a_change_is_put_back_once(served: Served, administrator: Client) -> None:
    id_ = site(administrator)
    before = rows(served, "sites")[id_]
    site(administrator, was=id_, name="错名")
    page = administrator.get("/admin/changes").text
    assert "<del>第一小学</del> → <ins>错名</ins>" in page and "王工" in page
    newest, *older = changes(administrator)
    assert older == []  # the first entry was changed since
    assert send(administrator, "/admin/changes", number=newest).status == 303
    assert rows(served, "sites")[id_] == before
    reply = send(administrator, "/admin/changes", number=newest)
    assert reply.status == 422 and "后来又改过" in reply.text
    assert "已经不在了" in send(administrator, "/admin/changes", number="1").text


def test_a_removed_board_comes_back_with_its_key(served: Served, administrator: Client) -> None:
    site(administrator)
    send(administrator, "/admin/boards", do="enrol", site="site-1", id="board-01")
    send(administrator, "/admin/boards", do="key", id="board-01", key_number="1")
    send(administrator, "/admin/boards", do="remove", id="board-01")
    send(administrator, "/admin/changes", number=changes(administrator)[0])
    assert rows(served, "boards")["board-01"]["key_number"] == 2


def test_a_key_that_was_revoked_never_opens_again(served: Served, administrator: Client) -> None:
    site(administrator)

    def key() -> Any:
        return rows(served, "boards")["board-01"]["key_number"]

    send(administrator, "/admin/boards", do="enrol", site="site-1", id="board-01")
    send(administrator, "/admin/boards", do="key", id="board-01", key_number="1")
    newest = last(served)
    assert newest not in changes(administrator)  # a key alone is not put back
    assert send(administrator, "/admin/changes", number=newest).status == 422 and key() == 2
    send(administrator, "/admin/boards", do="remove", id="board-01")
    removed = last(served)
    send(administrator, "/admin/changes", number=removed)
    send(administrator, "/admin/boards", do="key", id="board-01", key_number="2")
    send(administrator, "/admin/boards", do="remove", id="board-01")
    assert send(administrator, "/admin/changes", number=removed).status == 303
    assert key() == 3  # of before the first removal it was 2
    odd = {"id": "board-02", "site": "site-1", "simulated": True, "key_number": "x"}
    served.call(served.live.do, RegistryChanged("file", {}, {"boards": {"board-02": odd}}))
    assert administrator.get("/admin/changes").status == 200


def last(served: Served) -> str:
    found = "SELECT max(number) AS number FROM ledger WHERE kind = 'registry'"
    return str(served.call(served.live.db.execute, found).fetchone()["number"])


def test_a_disk_that_refuses_is_told(
    served: Served, administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hub.registry.whole_file", full)
    reply = send(administrator, "/admin/sites", **SITE)
    assert reply.status == 422 and "写不进磁盘（No space left on device）" in reply.text


def test_markup_in_names_stays_text(administrator: Client) -> None:
    site(administrator, name="<script>x</script>")
    for path in ("/admin/sites", "/admin/changes", "/admin/boards"):
        page = administrator.get(path).text
        assert "<script>x" not in page and "&lt;script&gt;x" in page


def test_long_lists_are_cut_and_searched(served: Served, administrator: Client) -> None:
    many = [
        {"id": f"site-{n}", "name": f"第{n}小学", "street": "南山街道", "contacts": []}
        for n in range(2000)
    ]
    served.call(served.live.enter, "hub", {"sites": many}, {})
    reply = administrator.get("/admin/sites")
    assert "还有 1900 个没有列出" in reply.text and len(reply.text.encode()) < 150_000
    assert len(administrator.get("/admin/changes").text.encode()) < 150_000
    assert "第1999小学" in administrator.get("/admin/sites?q=1999").text


def test_the_language_switch_comes_back_to_its_page(served: Served, administrator: Client) -> None:
    here = {"Referer": f"{served.address}/admin/sites?q=a"}
    reply = administrator.form("/language", here, language="en")
    assert reply.headers["Location"] == "/admin/sites?q=a"
    for elsewhere in ("http://evil.example/admin", f"{served.address}/nowhere", ""):
        reply = administrator.form("/language", {"Referer": elsewhere}, language="en")
        assert reply.headers["Location"] == "/"


def test_two_that_have_one_form_open_do_not_undo_each_other(
    served: Served, administrator: Client
) -> None:
    def seen(path: str) -> str:
        found = re.search(r'name="seen" value="(\w+)"', administrator.get(path).text)
        assert found
        return found[1]

    id_ = site(administrator, **GUARD)
    send(administrator, "/admin/boards", do="enrol", site=id_, id="board-01")
    stale = seen(f"/admin/sites?id={id_}")
    site(administrator, was=id_, seen=stale, access="老周有钥匙", **GUARD)
    reply = send(
        administrator, "/admin/sites", **SITE, was=id_, seen=stale, plan="先停机", **GUARD
    )
    assert reply.status == 422 and "别人改过它" in reply.text and 'value="先停机"' in reply.text
    assert rows(served, "sites")[id_]["access"] == "老周有钥匙"
    stale = seen("/admin/boards?ask=edit&id=board-01")
    edit = {"do": "edit", "id": "board-01", "seen": stale}
    assert send(administrator, "/admin/boards", **edit, place="门卫室").status == 303
    assert send(administrator, "/admin/boards", **edit, pager="1").status == 422
    assert rows(served, "boards")["board-01"]["place"] == "门卫室"


def test_the_page_with_the_secrets_loaded_again_enrols_nothing(
    served: Served, administrator: Client
) -> None:
    site(administrator)
    once = {"do": "enrol", "site": "site-1", "there": "0"}
    assert send(administrator, "/admin/boards", **once).status == 200
    reply = send(administrator, "/admin/boards", **once)
    assert reply.status == 422 and len(rows(served, "boards")) == 1


def test_two_sites_of_one_street_have_two_names(served: Served, administrator: Client) -> None:
    site(administrator)
    reply = send(administrator, "/admin/sites", **SITE)
    assert reply.status == 422 and "已有同名地点（site-1）" in reply.text
    send(administrator, "/admin/sites", **{**SITE, "street": "蛇口街道"})
    assert list(rows(served, "sites")) == ["site-1", "site-2"]
    reply = send(administrator, "/admin/sites", **SITE, was="site-2")
    assert reply.status == 422
    assert send(administrator, "/admin/sites", **SITE, was="site-1").status == 303
