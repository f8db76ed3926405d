"""Who may log in: each change holds at once, is on record without a secret, and locks nobody out
for good."""

import asyncio
import json
import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hub.desk.accounts import Accounts
from tests.desk.client import Client, Reply
from tests.desk.fixture import PASSWORD, Served
from tests.desk.test_office import send, site

NEW = {"user": "zhaoyun", "name": "赵云", "role": "officer"}


def act(administrator: Client, do: str, was: str = "", **more: str) -> Reply:
    return send(administrator, "/admin/users", do=do, was=was, **more)


def shown(reply: Reply) -> str:
    """The password that the page shows."""
    found = re.search(r"<code>([^<]+)</code>", reply.text)
    assert reply.status == 200 and found, reply.text
    return found[1]


def recorded(served: Served) -> list[tuple[str, dict[str, Any]]]:
    rows = served.call(
        lambda: served.live.db.execute(
            "SELECT actor, body FROM ledger WHERE kind = 'account' ORDER BY number"
        ).fetchall()
    )
    return [(row["actor"], json.loads(row["body"])) for row in rows]


def test_a_user_is_added_and_logs_in_with_what_was_shown_once(
    served: Served, administrator: Client, stranger: Client
) -> None:
    password = shown(act(administrator, "save", **NEW))
    assert re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", password)
    assert password not in administrator.get("/admin/users").text
    assert stranger.login("zhaoyun", password).status == 303
    expected = {"what": "added", **NEW, "street": "", "before": {}}
    assert recorded(served) == [("王工", expected)]
    assert "用户变更" in administrator.get("/ledger?kind=account").text


def test_a_typed_password_is_the_one(administrator: Client, stranger: Client) -> None:
    typed = shown(act(administrator, "save", **NEW, password="tiger lily 1"))
    assert typed == "tiger lily 1"
    assert stranger.login("zhaoyun", typed).status == 303


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"user": "赵云"}, "用户名：应为 3 到 32 个"),
        ({"user": "zhangwei"}, "用户名：“zhangwei”已经用过"),
        ({"name": ""}, "姓名：不能空着"),
        ({"name": "张伟"}, "姓名：“张伟”已是或曾是别人的姓名"),
        ({"name": "hub"}, "姓名：“hub”是主机、终端等的叫法"),
        ({"name": "主机"}, "姓名：“主机”是主机、终端等的叫法"),
        ({"role": "king"}, "身份：请选择身份"),
        ({"role": "street"}, "街道：街道值班员要选一个有地点的街道"),
        ({"role": "street", "street": "无此街道"}, "街道：街道值班员要选一个有地点的街道"),
        ({"password": "short"}, "口令：应为 8 到 1024 个字符"),
        ({"password": "12345678"}, "口令：太容易猜"),
        ({"password": "aaaabbbb"}, "口令：太容易猜"),
        ({"password": "Qwerty2026"}, "口令：太容易猜"),
        ({"password": "zhaoyun1!"}, "口令：里面有用户名“zhaoyun”"),
    ],
)
def test_what_is_wrong_is_told_by_field(
    served: Served, administrator: Client, wrong: dict[str, str], sentence: str
) -> None:
    reply = act(administrator, "save", **{**NEW, **wrong})
    assert reply.status == 422 and sentence in reply.text
    assert recorded(served) == [] and "zhaoyun</td>" not in reply.text


def test_a_user_is_the_same_however_it_is_typed(served: Served) -> None:
    for typed in ("ZhangWei", " zhangwei ", "ｚｈａｎｇｗｅｉ"):
        assert Client(served).login(typed).status == 303


def test_whoever_is_logged_in_and_goes_back_to_the_login_is_led_on(
    officer: Client, stranger: Client
) -> None:
    assert officer.get("/login").headers["Location"] == "/"
    assert officer.get("/login?over").status == 200  # the page says why it is there
    assert stranger.get("/login").status == 200


def test_a_street_account_has_its_street(administrator: Client) -> None:
    site(administrator)
    act(administrator, "save", **{**NEW, "role": "street", "street": "南山街道"})
    page = administrator.get("/admin/users").text
    assert "街道值班员 南山街道</td>" in page
    assert "街道值班员 蛇口街道 <b>该街道已没有地点</b>" in page


def test_a_disabled_user_is_out_at_once_and_may_come_back(
    served: Served, administrator: Client, officer: Client
) -> None:
    assert act(administrator, "disable", "zhangwei").status == 303
    assert officer.get("/").status == 303
    assert officer.login("zhangwei").status == 401
    assert act(administrator, "enable", "zhangwei").status == 303
    assert officer.login("zhangwei").status == 303
    assert [body["what"] for _, body in recorded(served)] == ["disabled", "enabled"]


def test_a_new_password_ends_the_old_one_and_no_secret_is_on_record(
    served: Served, administrator: Client, officer: Client
) -> None:
    password = shown(act(administrator, "password", "zhangwei"))
    assert officer.get("/").status == 303
    assert officer.login("zhangwei", PASSWORD).status == 401
    assert officer.login("zhangwei", password).status == 303
    everything = json.dumps(recorded(served))
    assert "password" in everything and password not in everything


def test_a_pin_is_cleared(served: Served, administrator: Client, officer: Client) -> None:
    fields = {"do": "pin", "id": "ab" * 8, "desk": "0123456789abcdef", "user": "zhangwei"}
    officer.post("/api/post", {**fields, "password": PASSWORD, "pin": "4711"})
    assert "PIN</span>" in administrator.get("/admin/users").text
    act(administrator, "pin", "zhangwei")
    assert "PIN</span>" not in administrator.get("/admin/users").text
    assert recorded(served)[-1][1]["what"] == "pin"


def test_nobody_locks_the_door_from_outside(served: Served, administrator: Client) -> None:
    reply = act(administrator, "disable", "admin")
    assert reply.status == 422 and "不能停用自己" in reply.text
    reply = act(administrator, "save", "admin", name="王工", role="officer")
    assert reply.status == 422 and "不能停用自己" in reply.text
    password = shown(act(administrator, "save", **{**NEW, "role": "administrator"}))
    other = Client(served)
    other.login("zhaoyun", password)
    assert act(other, "disable", "admin").status == 303
    assert administrator.get("/admin/users").status == 303
    reply = act(other, "save", "zhaoyun", name="赵云", role="auditor")
    assert reply.status == 422


def test_a_name_that_was_anothers_stays_theirs(served: Served, administrator: Client) -> None:
    reply = act(administrator, "save", "zhangwei", name="张伟（一科）", role="officer")
    assert reply.status == 303
    assert recorded(served)[-1][1]["before"]["name"] == "张伟"
    reply = act(administrator, "save", **{**NEW, "name": "张伟"})
    assert reply.status == 422 and "已是或曾是别人的姓名" in reply.text
    assert act(administrator, "save", "zhangwei", name="张伟", role="officer").status == 303


@pytest.mark.parametrize(("user", "sentence"), [("zhaoyun", "已经用过"), ("other", "请加以区别")])
def test_of_two_who_add_the_same_at_once_one_is_told(
    served: Served, monkeypatch: pytest.MonkeyPatch, user: str, sentence: str
) -> None:
    both = [Client(served), Client(served)]
    for each in both:
        each.login("admin")
    hashed = Accounts._hash

    async def slowly(accounts: Accounts, text: str) -> str:
        await asyncio.sleep(0.5)
        return await hashed(accounts, text)

    monkeypatch.setattr(Accounts, "_hash", slowly)
    with ThreadPoolExecutor(2) as threads:
        asked = zip(both, (NEW, {**NEW, "user": user}), strict=True)
        adding = [threads.submit(act, client, "save", **fields) for client, fields in asked]
        replies = {reply.result().status: reply.result().text for reply in adding}
    assert sorted(replies) == [200, 422] and sentence in replies[422]
    assert len(recorded(served)) == 1


def test_saving_what_is_unchanged_records_nothing(
    served: Served, administrator: Client, officer: Client
) -> None:
    assert act(administrator, "save", "zhangwei", name="张伟", role="officer").status == 303
    assert recorded(served) == [] and officer.get("/").status == 200


def test_who_is_not_there_is_told(administrator: Client) -> None:
    for do in ("save", "disable", "password", "pin"):
        reply = act(administrator, do, "nobody")
        assert reply.status == 422 and "已经不在了" in reply.text
    assert act(administrator, "disable").status == 422


def test_a_disk_that_refuses_is_told(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("hub.desk.accounts.Accounts.disable", full)
    reply = act(administrator, "disable", "zhangwei")
    assert reply.status == 422 and "database or disk is full" in reply.text
