"""The street: what the demo's page says of boards."""

import json
from pathlib import Path
from typing import Any

from simulator.audience import Audience
from simulator.street_page import DARK, Street, Wall
from tests.simulator.board_process import BOARD

KEYS = ("alarm", "abnormal", "allwell", "confirm")


class Process:
    """Whether the board's process runs: said by the test."""

    def __init__(self) -> None:
        self.state = "running"

    def __call__(self) -> str:
        return self.state


def street(folder: Path, process: Process) -> Street:
    place = ("东湖第一小学", "东湖街道", "校门岗亭")
    wall = Wall(BOARD, *place, 3, False, False, KEYS, folder, process)
    return Street([wall], Audience())


def panel(**lamps: str) -> bytes:
    value = {
        "id": BOARD,
        "lamps": {**DARK, **lamps},
        "grey": "off",
        "display": "正常",
        "tones": [],
    }
    return json.dumps(value).encode()


def only(street: Street) -> dict[str, Any]:
    (board,) = street.boards()
    return board


def test_boards_json_has_five_words_for_a_lamp() -> None:
    here = street(Path(), Process())
    for pattern, said in {"blink3": "blip", "double3": "blip", "slow": "slow", "on": "on"}.items():
        here.heard(BOARD, panel(calling=pattern))
        assert only(here)["lamps"] == {**DARK, "calling": said}
    assert only(here) == {
        "id": BOARD,
        "site": "东湖第一小学",
        "place": "校门岗亭",
        "lamps": {**DARK, "calling": "on"},
        "display": "正常",
        "alive": True,
        "frozen": False,
    }


def test_a_dead_board_is_dark_and_says_nothing_old_when_it_is_back() -> None:
    process = Process()
    here = street(Path(), process)
    here.heard(BOARD, panel(calling="on", stored="on"))
    process.state = "frozen"
    assert only(here)["alive"] and only(here)["frozen"] and only(here)["lamps"]["stored"] == "on"
    process.state = "dead"
    assert not only(here)["alive"] and only(here)["lamps"] == DARK and only(here)["display"] == ""
    process.state = "running"
    assert only(here)["lamps"] == DARK


def test_noise_on_stdout_is_no_panel() -> None:
    here = street(Path(), Process())
    for line in (b"Traceback\n", b"[]", b'{"id": "another"}', b"\xff\n"):
        here.heard(BOARD, line)
    assert here.panels == {}


def test_heard_means_answered_by_the_hub() -> None:
    here = street(Path(), Process())
    for lamps, heard in (
        ({"fault": "blink3"}, False),
        ({"fault": "slow"}, False),
        ({"calling": "blip"}, True),
        ({"calling": "on", "stored": "on", "fault": "slow"}, True),
        ({"calling": "fast", "fault": "fast"}, False),
    ):
        here.heard(BOARD, panel(**lamps))
        assert here.all_heard() is heard, lamps
    rung = panel().replace(b'"grey": "off"', b'"grey": "fast"')  # its ● is dark meanwhile
    here.heard(BOARD, rung)
    assert here.all_heard()
