"""Each way does what it says, none holds up another, and a new one is added by its recipe."""

import asyncio
import importlib
import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import hub.channels
from hub.channels import plan, sender, table
from hub.channels.channel import Facts, Means, Person, Receipt, Text
from hub.channels.sender import Sender
from hub.desk import sentences, views
from hub.desk.texts import WORDS
from hub.desk.words import teller
from hub.events import DeskHere, Event, NoticeEnded, Notify, Shown, ToBoard
from hub.settings import Escalation, Settings
from tests.hub.room import Room

HOME = Path(hub.channels.__file__).parent
README = (HOME / "README.md").read_text("utf-8")


class Told:
    """A room with people, and the shell that tells them."""

    def __init__(self, *ways: tuple[str, str], command: tuple[str, ...] = ("true",)) -> None:
        escalation = Escalation(command=command)
        self.room = Room(Settings(district="nanshan", name="n", escalation=escalation))
        self.room.registry.told = [
            {
                "id": f"person-{n}",
                "name": "孙建国",
                "post": "带班领导",
                "hours": [],
                "ways": [{"channel": channel, "address": address}],
            }
            for n, (channel, address) in enumerate(ways)
        ]
        self.ended: list[NoticeEnded] = []
        self.orders: list[ToBoard] = []
        self.link = True
        self.sender = Sender(Means(self.look, self.to_board), self.put)
        self.room.do(self.room.report("board-a1", "alarm"))
        self.room.forward(1)
        self.due = [each.notice for each in self.room.said if isinstance(each, Notify)]

    def look(self) -> Facts:
        return Facts(self.room.db, self.room.registry, self.room.settings, self.link)

    def to_board(self, order: ToBoard) -> bool:
        self.orders.append(order)
        return self.link

    def put(self, event: Event) -> None:
        assert isinstance(event, NoticeEnded)
        self.ended.append(event)
        self.room.do(event)

    async def all(self) -> None:
        await asyncio.gather(*(self.sender.send(notice) for notice in self.due))

    def receipts(self) -> list[tuple[str, str]]:
        asyncio.run(self.all())
        return [(each.state, each.detail) for each in self.ended]


def test_a_hub_that_has_begun_waits_for_its_broker_and_later_none_does() -> None:
    told = Told(("pager", "board-a3"), ("pager", "board-a3"))
    told.room.do(told.room.hello("board-a3"))
    told.link = False

    async def joins() -> None:
        sent = asyncio.create_task(told.sender.send(told.due[0]))
        await asyncio.sleep(0.3)
        assert told.ended == []
        told.link = True
        await sent

    asyncio.run(joins())
    assert [each.state for each in told.ended] == ["accepted"]
    told.link, told.sender.joins_by = False, 0.0
    began = time.monotonic()
    asyncio.run(told.sender.send(told.due[1]))
    assert told.ended[1].detail == "missing.broker" and time.monotonic() - began < 1


def test_a_pager_is_ordered_at_once_and_says_why_it_cannot() -> None:
    told = Told(("pager", "board-a3"))
    told.room.do(told.room.heartbeat("board-a3"))
    assert told.receipts() == [("accepted", "")]
    (order,) = told.orders
    assert order.value["alert"]["incident"] == told.room.only()["id"]
    for address, why in (
        ("nowhere", "no_board"),
        ("board-a2", "not_pager"),
        ("board-a3", "board_never"),
    ):
        assert Told(("pager", address)).receipts() == [("failed", f"missing.{why}")]
    told = Told(("pager", "board-a3"))
    told.room.do(told.room.heartbeat("board-a3"))
    told.link = False
    assert told.receipts() == [("failed", "missing.broker")]


def test_a_desk_says_whether_the_persons_page_has_shown_it() -> None:
    told = Told(("desk", "张伟"))
    assert told.receipts() == [("failed", "missing.not_listening")]
    told = Told(("desk", "张伟"))
    told.room.do(DeskHere("d1", "张伟", "officer", True))
    assert told.receipts() == [("accepted", "")]
    told = Told(("desk", "张伟"))
    told.room.do(DeskHere("d1", "张伟", "officer", True))
    told.room.do(Shown("d1", "张伟", (told.room.only()["id"],)))
    assert told.receipts() == [("delivered", "")]


def test_the_command_hears_whom_to_tell_what(tmp_path: Path) -> None:
    said = tmp_path / "said"
    script = f'echo "$QIANSHAO_PERSON $QIANSHAO_ADDRESS $QIANSHAO_TEXT $QIANSHAO_ID" > {said}'
    told = Told(("command", "8102"), command=("sh", "-c", script))
    assert told.receipts() == [("accepted", "")]
    words = said.read_text("utf-8")
    assert words.startswith("孙建国 8102 【模拟】") and told.room.only()["id"] in words


def test_a_command_that_fails_says_what_it_printed() -> None:
    told = Told(("command", "8102"), command=("sh", "-c", "echo no line; exit 3"))
    assert told.receipts() == [("failed", "3 no line")]
    assert Told(("command", "8102"), command=()).receipts() == [("failed", "missing.no_command")]


def served(status: int, heard: list[Any]) -> web.Application:
    async def take(request: web.Request) -> web.Response:
        heard.append(await request.json())
        return web.Response(status=status, text="full", headers={"Location": "/elsewhere"})

    app = web.Application()
    app.router.add_post("/tell", take)
    return app


@pytest.mark.parametrize(
    ("status", "receipt"),
    [
        (202, ("accepted", "")),
        (503, ("failed", "HTTP 503 full")),
        (302, ("failed", "HTTP 302 full")),
    ],
)
def test_a_webhook_is_posted_to(status: int, receipt: tuple[str, str]) -> None:
    heard: list[Any] = []

    async def live() -> Told:
        runner = web.AppRunner(served(status, heard))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        told = Told(("webhook", f"http://127.0.0.1:{runner.addresses[0][1]}/tell"))
        await told.all()
        await runner.cleanup()
        return told

    told = asyncio.run(live())
    assert [(each.state, each.detail) for each in told.ended] == [receipt]
    (body,) = heard
    assert body["person"]["name"] == "孙建国" and "未核实" in body["text"]
    assert body["incident"]["id"] == told.room.only()["id"]


@pytest.mark.parametrize("address", ["ftp://gate/", "gate", "http://", "http://a:b/", ""])
def test_a_webhook_that_is_no_url_is_said(address: str) -> None:
    assert Told(("webhook", address)).receipts() == [("failed", "missing.not_url")]


def test_one_broken_way_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hanging:
        def __init__(self, means: Means) -> None:
            pass

        @staticmethod
        def missing(address: str, facts: Facts) -> str:
            return ""

        async def send(self, text: Text, person: Person) -> Receipt:
            if person.address == "raise":
                raise RuntimeError("broken")
            await asyncio.sleep(3600)
            raise AssertionError

    monkeypatch.setitem(table.CHANNELS, "hanging", Hanging)
    monkeypatch.setattr(sender, "PATIENCE_S", 0.3)
    hanging = [("hanging", "hang")] * 6  # more than its places
    told = Told(*hanging, ("hanging", "raise"), ("command", "8102"))
    receipts = told.receipts()
    assert receipts[0] == ("accepted", "")  # the command's, while others hang
    assert sorted(receipts)[1:] == [("failed", "broken"), *[("failed", "failed.timeout")] * 6]


def test_what_was_taken_while_it_waited_is_not_sent() -> None:
    told = Told(("command", "8102"))
    told.room.act("take", told.room.only()["id"])
    assert told.receipts() == []


def test_a_way_that_is_no_more_is_a_failure_and_not_a_crash() -> None:
    told = Told(("pigeon", "north"))
    assert told.receipts() == [("failed", "missing.no_channel")]
    (person,) = plan.plan(told.look(), told.room.now().wall).people
    assert person.ways[0].missing == "no_channel"


# --- the README -----------------------------------------------------------------------------


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The recipe, step by step, on copies of the files that it names."""
    recipe = README.partition("## Add a channel")[2]
    assert recipe.count("\n") <= 40
    (file,) = re.findall(r"`hub/(channels/\w+\.py)`:\n", recipe)
    code, texts = re.findall(r"```python\n(.*?)```", recipe, re.DOTALL)
    (line,) = re.findall(r'`("\w+": \w+,)`', recipe)
    name = Path(file).stem
    (tmp_path / f"{name}.py").write_text(code, "utf-8")
    monkeypatch.setattr(hub.channels, "__path__", [*hub.channels.__path__, str(tmp_path)])
    source = (HOME / "table.py").read_text("utf-8")
    class_ = line.partition(": ")[2].rstrip(",")
    source = source.replace(
        "\n\nCHANNELS", f"\nfrom hub.channels.{name} import {class_}\n\nCHANNELS"
    )
    source = source.replace("] = {\n", f"] = {{\n    {line}\n")
    names: dict[str, Any] = {}
    exec(source, names)
    for key, value in names["CHANNELS"].items():
        monkeypatch.setitem(table.CHANNELS, key, value)
    source = (HOME.parent / "desk/texts/channels.py").read_text("utf-8")
    exec(source.replace("] = {\n", f"] = {{\n{texts}"), names)
    for key, both in names["TEXTS"].items():
        monkeypatch.setitem(WORDS, key, both)
    yield
    sys.modules.pop(f"hub.channels.{name}")
    importlib.invalidate_caches()


@pytest.mark.usefixtures("added")
def test_the_recipe_followed_literally(tmp_path: Path) -> None:
    device = tmp_path / "ttyUSB0"
    assert Told(("sign", str(device))).receipts() == [("failed", "missing.no_sign")]
    device.touch()
    told = Told(("sign", str(device)))
    assert told.receipts() == [("accepted", "")]
    assert "学校 board-a1" in device.read_text("utf-8")
    _, facts = views.timeline(told.room.db, told.room.only()["id"])
    lines = [sentences.line(fact, False, teller("en"), "").text for fact in facts]
    assert "Telling 带班领导 孙建国 (Sign)" in lines
    assert teller("en")("missing.no_sign") == "no sign is connected"


def test_every_way_has_its_name_in_both_languages() -> None:
    assert [name for name in table.CHANNELS if f"channel.{name}" not in WORDS] == []


def test_each_reason_that_the_code_gives_has_a_sentence() -> None:
    given = set()
    for file in HOME.glob("*.py"):
        source = (
            file.read_text("utf-8") if file.stem in (*table.CHANNELS, "plan", "sender") else ""
        )
        given |= set(re.findall(r'return "(\w+)"|else "(\w+)"$|missing = "(\w+)"', source, re.M))
        given |= {(each,) for each in re.findall(r'"missing\.(\w+)"', source)}
    reasons = {reason for found in given for reason in found if reason}
    assert {"no_board", "board_lost", "not_url", "simulated", "no_channel"} <= reasons
    assert [reason for reason in sorted(reasons) if f"missing.{reason}" not in WORDS] == []


def test_the_readme_names_each_file() -> None:
    linked = set(re.findall(r"\]\((\w+\.py)\)", README))
    assert linked == {file.name for file in HOME.glob("*.py")} - {"__init__.py"}


def test_a_notice_reads_as_a_person_would_say_it() -> None:
    told = Told(("command", "8102"), command=("sh", "-c", "echo no line; exit 3"))
    told.receipts()
    _, facts = views.timeline(told.room.db, told.room.only()["id"])
    lines = [sentences.line(fact, False, teller("zh"), "").text for fact in facts]
    assert "通知 带班领导 孙建国（外接命令）" in lines
    assert "回执 孙建国（外接命令）：未成功，3 no line" in lines
    assert json.dumps([fact.body for fact in facts])  # what is on record is JSON
