"""The room's README says everything there is, and its recipe works as it stands."""

import argparse
import dataclasses
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import hub
from hub import auditing, commands, core, events, rooms
from hub.arguments import Arguments
from hub.desk.access import ROUTES
from hub.desk.texts import WORDS
from hub.doctor import __main__ as doctor
from hub.events import Ticked
from hub.ledger import Row
from hub.settings import Settings
from tests.hub.room import Room

HOME = Path(hub.__file__).parent
TEXT = (HOME / "README.md").read_text("utf-8")


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def table(title: str) -> dict[str, list[str]]:
    """First cell, without its marks -> the other cells."""
    rows = re.findall(r"^\| (.+) \|$", section(title), re.MULTILINE)
    cells = [[cell.strip() for cell in row.split(" | ")] for row in rows]
    return {first.strip("`"): rest for first, *rest in cells}


def settings(cls: Any = Settings, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for each in dataclasses.fields(cls):
        if each.default_factory is not dataclasses.MISSING:
            yield from settings(each.default_factory, f"{each.name}.")
        else:
            yield prefix + each.name, each.default


def test_each_setting_with_its_default() -> None:
    told = table("Settings")
    for name, default in settings():
        assert name in told, name
        if default is not dataclasses.MISSING:
            value = json.dumps(list(default) if isinstance(default, tuple) else default)
            assert told[name][0] == f"`{value}`", name
    assert set(told) - dict(settings()).keys() == {"setting"}


def test_each_kind_of_ledger_row() -> None:
    told = table("The ledger")
    assert told.keys() - {"kind"} == rooms.ROOMS.projections.keys()


def test_each_route() -> None:
    told = section("HTTP")
    assert [f"{m} {path}" for m, path in ROUTES if f"`{m} {path}`" not in told] == []


def test_each_command_and_option() -> None:
    told, parser = section("Commands"), Arguments(prog="qianshao")
    verbs = parser.add_subparsers()
    commands._hub_arguments(verbs)
    commands._password_arguments(verbs)
    auditing.add_arguments(verbs)
    verbs.choices["doctor"] = doctor.parser()
    for words, each in leaves(verbs, "./qianshao"):
        assert words in told
        assert each.epilog and each.epilog.startswith("example: ./qianshao")
        for option in each._option_string_actions:
            assert option in told or option in ("-h", "--help"), option


def leaves(verbs: Any, before: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for name, parser in verbs.choices.items():
        inner = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        if inner:
            yield from leaves(inner[0], f"{before} {name}")
        else:
            yield f"{before} {name}", parser


def test_each_file_and_no_other() -> None:
    linked = re.findall(r"\]\((?!\.\.)([\w/.]+)\)", TEXT)
    files = {path.relative_to(HOME).as_posix() for path in HOME.glob("*.py")}
    files |= {path.relative_to(HOME).as_posix() for path in HOME.glob("city/*.py")}
    assert files - set(linked) <= {"__init__.py", "city/__init__.py"}
    assert [link for link in linked if not (HOME / link).exists()] == []


def test_the_recipe_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    names: dict[str, Any] = {"sqlite3": sqlite3, "json": json, "Iterator": Iterator, "Row": Row}
    names |= {**vars(events), "Hub": core.Hub, "ROOMS": rooms.ROOMS}
    exec(code, names)
    monkeypatch.setattr("hub.store.ROOMS", names["ROOMS"])
    room = Room()
    assert room.do(names["LampChecked"]("nobody", "张伟")) == []
    room.do(names["LampChecked"]("board-a1", "张伟"))
    room.do(Ticked())
    assert room.ledger_kinds()[-1] == "lamp_checked"
    room.ms += 86_400_000
    room.do(Ticked())
    room.do(Ticked())
    assert room.ledger_kinds().count("lamp_due") == 1
    about = dict(room.db.execute("SELECT key, value FROM about"))
    assert about["lamp board-a1"] == "lamp_due"


def test_each_part_of_a_row_has_its_words() -> None:
    """The auditor's page names them; `action`, `desk` and `incident` it does not show."""
    names = {
        name
        for row in table("The ledger").values()
        for part in re.findall(r"`([^`]*)`", row[0])
        for name in re.findall(r"\w+", part)
    }
    assert len(names) > 60
    unsaid = {name for name in names if f"body.{name}" not in WORDS}
    assert unsaid == {"action", "desk", "incident"}
