"""From an empty hub to one on duty: the steps, the room, and sites from a sheet."""

import re

from tests.desk.client import Client, Reply
from tests.desk.fixture import Served
from tests.desk.test_office import GUARD, changes, rows, send, site


def upload(client: Client, data: bytes, accept: str = "", **fields: str) -> Reply:
    """A form with a file, as a browser sends it."""
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in {"token": client.token, **fields}.items()
    ]
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    body = b"".join(parts) + head.encode() + data + b"\r\n--x--\r\n"
    kind = {
        "Content-Type": "multipart/form-data; boundary=x",
        "X-Qianshao-Token": "",
        "Accept": accept,
    }
    return client.send("POST", "/setup", body, kind)


SHEET = "街道,地点,姓名,电话\n南山街道,第一小学,老周,0755-86001234\n蛇口街道,蛇口水厂,王强,110\n"


def test_a_sheet_is_looked_at_and_then_entered_at_once(
    served: Served, administrator: Client
) -> None:
    seen = upload(administrator, SHEET.encode("gb18030"), do="preview")
    assert seen.status == 200 and "新增 2 个，更新 0 个，不变 0 个" in seen.text
    assert rows(served, "sites") == {}
    assert send(administrator, "/setup", do="import", text=SHEET).status == 303
    assert [row["name"] for row in rows(served, "sites").values()] == ["第一小学", "蛇口水厂"]
    assert (
        "新增 0 个，更新 0 个，不变 2 个"
        in send(administrator, "/setup", do="preview", text=SHEET).text
    )
    (number,) = changes(administrator)
    send(administrator, "/admin/changes", number=number)
    assert rows(served, "sites") == {}


def test_one_fault_and_nothing_is_entered(served: Served, administrator: Client) -> None:
    wrong = SHEET.replace("110", "一一〇")
    reply = send(administrator, "/setup", do="import", text=wrong)
    assert reply.status == 422 and "第 3 行 D 列，电话：应是电话号码" in reply.text
    assert "蛇口水厂" in reply.text and rows(served, "sites") == {}
    book = upload(administrator, b"PK\x03\x04", do="preview")
    assert book.status == 422 and "这是 Excel 工作簿" in book.text


def test_faults_that_are_not_listed_are_counted(administrator: Client) -> None:
    lines = "".join(f"南山街道,第{n}小学,老周,一一〇\n" for n in range(60))
    reply = send(administrator, "/setup", do="preview", text="街道,地点,姓名,电话\n" + lines)
    assert "第 51 行 D 列" in reply.text and "第 52 行 D 列" not in reply.text
    assert "还有 10 处没有列出" in reply.text


def test_what_a_sheet_would_change_is_shown_beside_what_stands_there(
    served: Served, administrator: Client
) -> None:
    site(administrator, **GUARD)
    text = "街道,地点,编号,姓名,电话\n蛇口街道,实验小学,site-1,老李,110\n"
    seen = send(administrator, "/setup", do="preview", text=text).text
    assert "更新 1 个" in seen
    assert "<del>第一小学</del> → <ins>实验小学</ins>" in seen
    assert "<del>南山街道</del> → <ins>蛇口街道</ins>" in seen and "老周" in seen
    empty = send(administrator, "/setup", do="preview", text=" \n")
    assert empty.status == 422 and "请先选一个文件" in empty.text


def test_what_a_sheet_does_not_say_stays(served: Served, administrator: Client) -> None:
    site(administrator, covert="1", hazards="液氯", **GUARD)
    before = rows(served, "sites")["site-1"]
    for text in ("街道,地点\n南山街道,第一小学\n", "街道,地点,隐蔽,姓名\n南山街道,第一小学,,\n"):
        assert send(administrator, "/setup", do="import", text=text).status == 303
        assert rows(served, "sites")["site-1"] == before
    text = "街道,地点,隐蔽,姓名,电话\n南山街道,第一小学,否,老李,110\n"
    send(administrator, "/setup", do="import", text=text)
    after = rows(served, "sites")["site-1"]
    assert after["covert"] is False and [each["name"] for each in after["contacts"]] == ["老李"]
    assert after["hazards"] == "液氯"


def test_a_number_of_another_site_renames_none_to_one_that_is_there(
    served: Served, administrator: Client
) -> None:
    site(administrator)
    site(administrator, name="蛇口水厂")
    text = "街道,地点,编号\n南山街道,第一小学,site-2\n"
    reply = send(administrator, "/setup", do="import", text=text)
    assert reply.status == 422 and "已有同名地点（site-1）" in reply.text
    assert rows(served, "sites")["site-2"]["name"] == "蛇口水厂"


def test_two_lines_of_one_site_may_not_contradict_each_other(administrator: Client) -> None:
    text = "街道,地点,姓名,电话,危险源\nA,甲,老周,110,液氯\n,,老李,119,氨\n"
    reply = send(administrator, "/setup", do="preview", text=text)
    assert reply.status == 422 and "前面写的不是“氨”" in reply.text
    seen = send(administrator, "/setup", do="preview", text=text.replace("氨", "液氯")).text
    assert "<ins>液氯</ins>" in seen  # of a new site as well: a shifted cell is seen


def test_a_sheet_as_long_as_a_district_fits(served: Served, administrator: Client) -> None:
    lines = "".join(f"街道{n % 9},第{n}小学,老周,0755-86001234\n" for n in range(5000))
    text = "街道,地点,姓名,电话\n" + lines
    seen = upload(administrator, text.encode(), do="preview")
    assert "新增 5000 个" in seen.text and "还有 4900 个未列出" in seen.text
    assert upload(administrator, b"", do="import", text=text).status == 303
    assert len(rows(served, "sites")) == 5000
    reply = upload(administrator, b"x" * (1 << 20), do="preview")
    assert reply.status == 413
    assert "超过 1 MB" in reply.json["error"]
    reply = upload(administrator, b"x" * (1 << 20), accept="text/html", do="preview")
    assert reply.status == 413
    assert "超过 1 MB" in reply.text and 'href="/setup"' in reply.text


def test_an_empty_hub_has_every_step_before_it(served: Served, administrator: Client) -> None:
    steps = re.findall(r'<li class="(ready|open)">', administrator.get("/admin").text)
    assert steps == ["ready", "open", "open", "open", "open", "open"]  # it has a phone
    assert administrator.get("/admin").text.count("先做前面的") == 4
    site(administrator, **GUARD)
    page = administrator.get("/admin").text
    assert "1 个地点有时段没有联系人" in page and "1 个街道有时段没有人可通知" in page


def test_a_board_gets_what_is_written_and_the_page_says_that_the_hub_has_not(
    served: Served, administrator: Client
) -> None:
    site(administrator)
    send(administrator, "/setup", do="room", name="南山值班室", duty_phone="0755-12345678")
    reply = send(administrator, "/admin/boards", do="enrol", site="site-1", id="board-01")
    assert "0755-12345678" in reply.text and "请技术员停掉值班主机" in reply.text


def test_name_and_phone_of_the_room(served: Served, administrator: Client) -> None:
    reply = send(administrator, "/setup", do="room", name="南山值班室", duty_phone="0755-1")
    assert reply.status == 303
    folder = served.live.folder
    assert (folder.settings().name, folder.settings().duty_phone) == ("南山值班室", "0755-1")
    assert "请技术员停掉值班主机" in administrator.get("/setup").text
    assert "南山值班室" in administrator.get("/admin/changes").text
    reply = send(administrator, "/setup", do="room", name="x", duty_phone="无")
    assert reply.status == 422 and "电话：应是电话号码" in reply.text
    folder.toml.write_text("district =")
    reply = send(administrator, "/setup", do="room", name="x", duty_phone="110")
    assert reply.status == 422 and "不是 TOML" in reply.text
    assert administrator.get("/setup").status == 422


def test_an_empty_hub_is_set_up_first(served: Served, administrator: Client) -> None:
    assert administrator.login("admin").headers["Location"] == "/setup"
    assert administrator.login("zhangwei").headers["Location"] == "/"
    administrator.login("admin")
    site(administrator)
    assert administrator.login("admin").headers["Location"] == "/"


def test_the_sample_comes_as_a_file(administrator: Client) -> None:
    reply = administrator.get("/setup/sample.csv")
    assert "attachment" in reply.headers["Content-Disposition"]
    assert reply.text.startswith("\ufeff街道,地点名称,")
