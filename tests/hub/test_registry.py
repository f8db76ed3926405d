"""The registry: replaced whole, torn without loss, mended by hand, differences by row."""

import json
from pathlib import Path
from typing import Any

import pytest

from hub import enrol
from hub.folder import whole_file
from hub.registry import Registry, contact_at, difference
from hub.week import QUARTER_MS
from hub.words import Sentence

MONDAY = 1_780_272_000_000 - 8 * 4 * QUARTER_MS  # 2026-06-01 00:00 +08:00
MONDAY_3 = MONDAY + 3 * 4 * QUARTER_MS
SITE = {"id": "school-1", "name": "第一小学", "street": "南山街道"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.json"


@pytest.fixture
def registry(path: Path) -> Registry:
    made = Registry(path)
    enrol.put_site(made, SITE)
    enrol.put_board(made, board("board-a1"))
    return made


def at(hour: int) -> int:
    """ms UTC, so many hours of +08:00 into that week."""
    return MONDAY + hour * 4 * QUARTER_MS


def board(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "site": "school-1", "simulated": True, **more}


def test_a_board_comes_with_its_sites_facts(registry: Registry) -> None:
    facts = registry.board("board-a1")
    assert facts is not None
    assert (facts["site_name"], facts["street"]) == ("第一小学", "南山街道")
    assert registry.contact("school-1", MONDAY_3) == ""
    assert facts["key_number"] == 1 and not facts["covert"]
    assert registry.board("board-a2") is None
    assert registry.boards() == ["board-a1"]


def test_the_reserved_board_is_always_there_and_nobodys(registry: Registry) -> None:
    facts = registry.board("self-test")
    assert facts is not None and facts["simulated"]
    assert "self-test" not in registry.boards()
    with pytest.raises(Sentence):
        enrol.put_board(registry, board("self-test"))


@pytest.mark.parametrize(
    ("hour", "who"), [(7, "早班 1"), (21, "早班 1"), (22, "夜班 2"), (0, "夜班 2"), (6, "夜班 2")]
)
def test_the_contact_is_the_one_of_this_hour(registry: Registry, hour: int, who: str) -> None:
    contacts = [
        {"from": 7, "until": 22, "name": "早班", "phone": "1"},
        {"from": 22, "until": 7, "name": "夜班", "phone": "2"},
    ]
    enrol.put_site(registry, {**SITE, "contacts": contacts})
    assert registry.contact("school-1", at(hour)) == who
    assert registry.contact("school-1", at(hour + 24)) == who  # asked again, another day


def test_the_first_contact_of_the_hour_answers_with_a_role_when_one_is_entered() -> None:
    contacts = [
        {"from": 8, "until": 18, "days": [6, 7], "name": "值周 老李", "phone": "2"},
        {"from": 0, "until": 24, "role": "门卫", "name": "老周", "phone": "0755-1"},
    ]
    assert contact_at(contacts, at(10)) == "门卫 老周 0755-1"
    assert contact_at(contacts, at(5 * 24 + 10)) == "值周 老李 2"
    assert contact_at([], at(10)) == ""


def test_a_changed_contact_is_the_one_at_once(registry: Registry) -> None:
    assert registry.contact("school-1", MONDAY_3) == ""
    guard = {"from": 0, "until": 24, "name": "老周", "phone": "1"}
    enrol.put_site(registry, {**SITE, "contacts": [guard]})
    assert registry.contact("school-1", MONDAY_3) == "老周 1"
    assert registry.contact("nowhere", MONDAY_3) == ""


def test_people_on_duty_come_in_the_files_order(registry: Registry) -> None:
    way = [{"channel": "pager", "address": "board-a1"}]
    night = {"id": "night", "name": "孙建国", "post": "带班领导", "ways": way}
    day = {"id": "daily", "name": "赵敏", "post": "值班员", "ways": way}
    always = {"id": "always", "name": "李敏", "post": "主任", "ways": way, "hours": []}
    rows = [
        {**night, "hours": [{"from": 18, "until": 8, "days": [7]}]},
        {**day, "hours": [{"from": 8, "until": 18}]},
        always,
    ]
    registry.put("people", rows)
    assert [each["id"] for each in registry.people(at(3))] == ["night", "always"]
    assert [each["id"] for each in registry.people(at(12))] == ["daily", "always"]
    assert [each["id"] for each in registry.people(at(24 + 3))] == ["always"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"hours": [{"from": 8, "until": 25}]}, "until.*0..24.*25"),
        ({"hours": [{"from": 24, "until": 8}]}, "from.*0..23"),
        ({"hours": [{"from": 8, "until": 18, "days": [0]}]}, "days"),
        ({"hours": [{"from": 8, "until": 18, "days": []}]}, "days"),
        ({"ways": [{"channel": "pager"}]}, "address"),
        ({"ways": ["pager"]}, "channel"),
        ({"language": "fr"}, "language.*zh / en.*fr"),
        ({"ways": [{"channel": "pigeon", "address": "1"}]}, "channel.*pager.*pigeon"),
        ({"post": None}, "post"),
    ],
)
def test_a_person_entered_wrongly_is_named(
    registry: Registry, wrong: dict[str, Any], named: str
) -> None:
    right = {"id": "night", "name": "孙建国", "post": "带班领导", "hours": [], "ways": []}
    registry.put("people", [right])
    with pytest.raises(Sentence, match=named):
        registry.put("people", [{**right, **wrong}])


def test_a_replaced_row_keeps_nothing_of_the_old_one(registry: Registry, path: Path) -> None:
    enrol.put_board(registry, board("board-a1", pager=True, note="旧"))
    assert registry.pagers() == ["board-a1"]
    change = enrol.put_board(registry, board("board-a1"))
    assert change.before["boards"]["board-a1"]["note"] == "旧"
    assert "note" not in change.after["boards"]["board-a1"]
    assert registry.pagers() == [] and Registry(path).tables == registry.tables


def test_one_real_board_is_told_from_simulated_ones(registry: Registry) -> None:
    assert not registry.holds_real_board()
    enrol.put_board(registry, board("board-r1", simulated=False))
    assert registry.holds_real_board()


def test_many_boards_are_one_step_in_their_order(registry: Registry, path: Path) -> None:
    names = [f"load-{n}" for n in range(30)]
    change = enrol.put_boards(registry, [board(name) for name in names])
    assert list(change.after["boards"]) == names and change.before == {}
    assert Registry(path).boards() == ["board-a1", *names]


def test_rows_of_several_tables_go_in_and_out_in_one_step(registry: Registry, path: Path) -> None:
    change = registry.change(
        {"sites": [{**SITE, "id": "x-1", "contacts": []}]}, {"boards": ["board-a1"]}
    )
    assert list(change.before) == ["boards"] and list(change.after) == ["sites"]
    assert registry.boards() == [] and Registry(path).tables == registry.tables
    text = path.read_text()
    with pytest.raises(Sentence):
        registry.change({"sites": [{"id": "x-2"}]}, {"sites": ["x-1"]})
    assert path.read_text() == text


def test_a_word_that_nothing_reads_is_said(registry: Registry, path: Path) -> None:
    assert registry.notices == []
    guard = {"name": "老周", "phone": "1", "from": 0, "until": 0, "fax": "2"}
    site = {**SITE, "covert": True, "contacts": [guard]}
    enrol.put_site(registry, site)
    path.write_text(path.read_text().replace('"covert"', '"covret"'))
    ((zh, en),) = Registry(path).notices
    assert zh == "登记册 registry.json：school-1 的 covret 没有用处，是不是 covert？另有 1 处。"
    assert en.endswith("nothing reads covret of school-1; did you mean covert? And 1 more.")
    enrol.put_site(registry, {**SITE, "contacts": []})
    path.write_text(path.read_text().replace('"boards"', '"board"'))
    ((zh, en),) = Registry(path).notices
    assert zh.endswith("：board 没有用处，是不是 boards？")
    assert en.endswith("nothing reads board; did you mean boards?")


@pytest.mark.parametrize(
    "torn", ["", '{"sites": {"1": {"id": "scho', "[]", '{"boards": {"x": 1}}']
)
def test_a_torn_file_is_replaced_by_its_bak_and_said_so(
    registry: Registry, path: Path, torn: str
) -> None:
    enrol.put_site(registry, {**SITE, "id": "school-2"})
    whole = registry.tables
    path.write_text(torn)
    again = Registry(path)
    assert again.tables == whole
    ((zh, en),) = again.notices
    assert "损坏" in zh and "damaged" in en
    enrol.put_site(again, {**SITE, "id": "school-3"})
    assert again.notices == [] and set(again.sites) == {"school-1", "school-2", "school-3"}
    assert path.with_suffix(".json.unread").read_text() == torn  # somebody may be mending it


def test_a_cut_between_file_and_copy_loses_nothing(
    registry: Registry, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []

    def cut(file: Path, text: str) -> Path:
        if written:
            raise OSError("power cut")
        written.append(file)
        return whole_file(file, text)

    monkeypatch.setattr("hub.registry.whole_file", cut)
    with pytest.raises(OSError, match="power cut"):
        enrol.put_board(registry, board("board-a2"))
    assert Registry(path).boards() == ["board-a1", "board-a2"]
    path.unlink()
    assert Registry(path).boards() == ["board-a1"]


def test_both_torn_is_a_sentence(registry: Registry, path: Path) -> None:
    path.write_text("{")
    path.with_suffix(".json.bak").write_text("")
    with pytest.raises(Sentence, match=r"\.bak"):
        Registry(path)


def test_a_row_mended_wrongly_is_named(registry: Registry, path: Path) -> None:
    tables = json.loads(path.read_text())
    tables["boards"]["1"]["simulated"] = "yes"
    path.write_text(json.dumps(tables))
    with pytest.raises(Sentence, match=r"simulated.*yes"):
        Registry(path)
    with pytest.raises(Sentence):
        registry.reload()
    assert registry.boards() == ["board-a1"]  # what was loaded stays


def test_a_contact_without_a_telephone_is_named(registry: Registry) -> None:
    wrong = {**SITE, "contacts": [{"from": 0, "until": 24, "name": "老周"}]}
    with pytest.raises(Sentence, match="phone"):
        enrol.put_site(registry, wrong)


def test_another_process_change_is_noticed(registry: Registry, path: Path) -> None:
    assert not registry.changed()
    enrol.put_board(Registry(path), board("board-a2"))
    assert registry.changed()
    change = registry.reload()
    assert list(change.after["boards"]) == ["board-a2"] and not registry.changed()


def test_unknown_sites_and_bad_ids_are_refused(registry: Registry) -> None:
    for wrong in (board("board-a2", site="nowhere"), board("Board A2"), board("x")):
        with pytest.raises(Sentence):
            enrol.put_board(registry, wrong)
    assert registry.boards() == ["board-a1"]


def test_a_difference_names_what_went_and_what_came() -> None:
    old = {"boards": {"a": {"x": 1}, "b": {"x": 1}, "c": {"x": 1}}}
    new = {"boards": {"b": {"x": 2}, "c": {"x": 1}, "d": {"x": 1}}}
    change = difference(old, new)
    assert change.before == {"boards": {"a": {"x": 1}, "b": {"x": 1}}}
    assert change.after == {"boards": {"b": {"x": 2}, "d": {"x": 1}}}
