"""What the demo chooses, and the folder it prepares; the processes themselves: tests/chain."""

import json
import sys
from pathlib import Path

import pytest

from hub import debian
from hub.words import Sentence
from simulator import programs
from simulator.demo_folder import prepare
from simulator.street_plan import BOARDS, site_of


def test_without_micropython_the_boards_run_on_cpython_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing() -> debian.Program:
        raise debian.Missing("没有", "none")

    monkeypatch.setattr(debian, "micropython", missing)
    command, line, notice = programs.interpreter()
    assert command == [sys.executable]
    assert line == notice["en"] == "boards run on CPython (MicroPython not found)"
    assert "CPython" in notice["zh"]


def test_the_folder_is_enrolled_once_and_kept(tmp_path: Path) -> None:
    first = prepare(tmp_path, 0, 0)
    assert first.registry.boards() and not first.registry.holds_real_board()
    for board in BOARDS:
        facts = first.registry.board(board.id)
        assert facts and facts["simulated"] and facts["place"] == board.place
        assert first.registry.contact(board.site, 0) and facts["covert"] == site_of(board).covert
        config = json.loads((tmp_path / "boards" / board.id / "board.json").read_text())
        assert config["lamps"] == board.lamps and config["links"][0]["user"] == board.id
    registry = (tmp_path / "registry.json").read_bytes()
    again = prepare(tmp_path, 0, 0)
    assert again.logins == first.logins and again.ports == first.ports
    assert (tmp_path / "registry.json").read_bytes() == registry


def test_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "qianshao.toml").write_text('district = "nanshan"\nname = "南山区值班室"\n')
    with pytest.raises(Sentence, match="nanshan"):
        prepare(tmp_path, 0, 0)
