"""Fingers on a real board process: what was pressed, and what never is."""

import signal
import time
from pathlib import Path

import pytest

from hub import enrol
from hub.folder import Folder
from hub.registry import Registry
from simulator import fingers
from simulator.commands import main
from simulator.fingers import Gesture, NoAnswer, NoSuchKey, move
from tests.conftest import Tell
from tests.simulator.board_process import BOARD, board_process


def press(data: Path, *arguments: str) -> int:
    return main(["press", "--data", str(data), *arguments])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = Folder(tmp_path)
    folder.create("demo", "演示区")
    registry = Registry(folder.registry)
    enrol.put_site(
        registry, {"id": "donghu-primary", "name": "东湖第一小学", "street": "东湖街道"}
    )
    enrol.put_board(registry, {"id": BOARD, "site": "donghu-primary", "simulated": True})
    return tmp_path


def test_the_exit_codes_of_one_board(
    data: Path, capsys: pytest.CaptureFixture[str], tell: Tell
) -> None:
    folder = data / "boards" / BOARD
    with board_process(folder):
        assert press(data, "--list") == 0
        assert capsys.readouterr().out == f"{BOARD}  东湖第一小学\n"
        began = time.monotonic()
        assert press(data, BOARD) == 0
        tell(f"press took {time.monotonic() - began:.2f} s")
        assert capsys.readouterr().out.strip().endswith(":1")
        assert press(data, BOARD, "--times", "3") == 0
        assert len(capsys.readouterr().out.split()) == 5
        assert press(data, BOARD, "--kind", "duress") == 0
        assert press(data, BOARD, "--kind", "test") == 4  # an alarm is open
        assert press(data, "school-2") == 2
    assert press(data, BOARD) == 3  # its process is gone


def test_a_hold_is_two_reports_and_comes_after_the_hold(data: Path) -> None:
    folder = data / "boards" / BOARD
    with board_process(folder):
        began = time.monotonic()
        outcome = move(folder, Gesture("alarm", 3000))
        assert time.monotonic() - began >= 3
        assert len(outcome.saved) == 2 and not outcome.unsaved


def test_withdraw_needs_a_press(data: Path) -> None:
    folder = data / "boards" / BOARD
    with board_process(folder):
        assert press(data, BOARD, "--kind", "withdraw") == 4
        assert press(data, BOARD) == 0
        time.sleep(2)
        assert press(data, BOARD, "--kind", "withdraw") == 0


def test_a_frozen_board_presses_nothing_later(data: Path, tell: Tell) -> None:
    folder = data / "boards" / BOARD
    with board_process(folder) as process:
        assert press(data, BOARD) == 0
        process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        assert press(data, BOARD) == 3
        took_s = time.monotonic() - began
        assert took_s > 1.5
        tell(f"told after {took_s:.1f} s")
        process.send_signal(signal.SIGCONT)
        time.sleep(0.5)
        # the next report would have a higher number if it had been pressed
        assert [name.split(":")[1] for name in move(folder, Gesture("alarm")).saved] == ["2"]


def test_what_flash_does_not_take_is_felt_not_saved(data: Path) -> None:
    folder = data / "boards" / BOARD
    with board_process(folder):
        assert press(data, BOARD) == 0
        for file in (folder / "outbox").iterdir():
            file.unlink()
        (folder / "outbox").rmdir()
        assert press(data, BOARD) == 1


def test_a_fifo_that_nobody_reads_does_not_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingers, "ANSWERS_WITHIN_S", 0.2)
    with pytest.raises(NoAnswer) as silence:
        move(tmp_path, Gesture("alarm"))
    assert not silence.value.accepted


def test_a_key_that_is_not_there(data: Path) -> None:
    folder = data / "boards" / BOARD
    with board_process(folder), pytest.raises(NoSuchKey):
        move(folder, Gesture("yellow"))


@pytest.mark.parametrize(
    "wrong", [["--hold", "-1"], ["--hold", "99"], ["--times", "0"], ["--kind", "x"]]
)
def test_a_wrong_command_line_is_exit_2(data: Path, wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        press(data, BOARD, *wrong)
    assert stopped.value.code == 2


def test_no_demo_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert press(tmp_path, "--list") == 2
    assert str(tmp_path) in capsys.readouterr().err
