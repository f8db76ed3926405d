"""A real press in the real chain, and what the presser sees."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.chain.demo import ROOT, Demo, command, environment, until
from tests.conftest import Tell

pytestmark = pytest.mark.chain


def outbox_bytes(demo: Demo, board: str) -> int:
    folder: Path = demo.data / "boards" / board / "outbox"
    return sum(file.stat().st_size for file in folder.iterdir())


def test_the_list_names_twelve(demo: Demo) -> None:
    lines = demo.run_press("--list").stdout.splitlines()
    assert {line.split()[0] for line in lines} == set(demo.boards())
    assert "东湖第一小学" in demo.run_press("--list").stdout


def test_a_press_is_in_the_outbox_within_a_second_and_stored_soon(demo: Demo, tell: Tell) -> None:
    began = time.monotonic()
    assert demo.press("donghu-primary-1") == 0
    tell(f"press took {time.monotonic() - began:.2f} s")
    assert outbox_bytes(demo, "donghu-primary-1") > 0
    until(lambda: demo.lamps("donghu-primary-1")["stored"] == "on", 30)
    assert demo.press("donghu-primary-1", "--times", "3") == 0


def test_without_data_the_newest_demo_is_found(demo: Demo) -> None:
    done = subprocess.run(
        [*command("press"), "--list"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(),
        check=False,
    )
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 12


def test_a_hidden_press_and_a_covert_site_show_nothing(demo: Demo) -> None:
    covert = "nangang-petrol-1"
    assert demo.press(covert) == 0
    assert demo.press(covert, "--kind", "duress") == 0
    time.sleep(1)
    lamps = demo.lamps(covert)
    assert lamps["stored"] == lamps["taken"] == lamps["fault"] == "off"


def test_withdraw_and_test_taken_for_nothing(demo: Demo) -> None:
    board = "xiling-middle-1"
    assert demo.press(board, "--kind", "withdraw") == 4
    began = time.monotonic()
    assert demo.press(board, "--kind", "test") == 0
    assert time.monotonic() - began > 5
    assert demo.press(board, "--times", "3") == 0  # the third is real, and ends the test
    until(lambda: demo.lamps(board)["stored"] == "on", 30)
    assert demo.press(board, "--kind", "test") == 4
    time.sleep(2)
    assert demo.press(board, "--kind", "withdraw") == 0
    until(lambda: "撤回" in demo.boards()[board]["display"], 30)


def test_no_such_board(demo: Demo) -> None:
    done = demo.run_press("nobody-1")
    assert done.returncode == 2 and "nobody-1" in done.stderr


def test_a_frozen_board_presses_nothing_later(demo: Demo, tell: Tell) -> None:
    board = "nangang-gas-1"
    before = outbox_bytes(demo, board)
    demo.send(board, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert demo.press(board) == 3
        tell(f"told after {time.monotonic() - began:.1f} s")
    finally:
        demo.send(board, signal.SIGCONT)
    time.sleep(2)
    assert outbox_bytes(demo, board) == before
    assert demo.lamps(board)["calling"] == "blip"


def test_a_frozen_hub_is_told_at_the_wall_and_healed(demo: Demo) -> None:
    board = "nangang-waterworks-1"
    demo.send("hub", signal.SIGSTOP)
    try:
        assert demo.press(board) == 0
        assert demo.lamps(board)["stored"] == "off"
        until(lambda: demo.lamps(board)["fault"] == "fast", 30)
        assert demo.lamps(board)["stored"] == "off"
        assert "未送达" in demo.boards()[board]["display"]
    finally:
        demo.send("hub", signal.SIGCONT)
    until(lambda: demo.lamps(board)["stored"] == "on", 30)
    assert demo.lamps(board)["fault"] != "fast"


def test_boards_json_says_no_other_words(demo: Demo) -> None:
    for board in demo.boards().values():
        assert set(board["lamps"]) == {"calling", "stored", "taken", "fault"}
        assert set(board["lamps"].values()) <= {"off", "on", "blip", "slow", "fast"}
    assert json.dumps(demo.boards(), ensure_ascii=False).count("display") == 12
