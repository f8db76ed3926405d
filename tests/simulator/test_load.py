"""The load, with real processes: its own hub, somebody's hub, and hubs it must leave alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hub import debian, enrol
from hub.folder import Folder
from hub.registry import Registry
from tests.conftest import Tell

pytestmark = pytest.mark.chain
ROOT = Path(__file__).resolve().parents[2]
LAST = re.compile(
    r"seeds=1 pressed=(\d+) stored=(\d+) lost=0 doubled=0 falsely_confirmed=0 swallowed=0 silent=0"
    r" p50_ms=\d+ p99_ms=\d+"
)


def load(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "simulator", "load", *arguments]
    english = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=english
    )


def test_every_press_is_stored_once_and_told(tell: Tell) -> None:
    try:
        debian.mosquitto()
    except debian.Missing as missing:
        pytest.skip(str(missing))
    done = load("--boards", "40", "--minutes", "0.1", "--presses-per-minute", "600")
    assert done.returncode == 0, done.stdout + done.stderr
    last = LAST.fullmatch(done.stdout.splitlines()[-1])
    assert last, done.stdout
    tell(last[0])
    assert int(last[1]) == int(last[2]) >= 50


def folder(path: Path, simulated: bool) -> Path:
    made = Folder(path)
    made.create("nanshan", "南山区值班室")
    registry = Registry(made.registry)
    enrol.put_site(registry, {"id": "school-1", "name": "小学", "street": "东街"})
    enrol.put_board(registry, {"id": "board-1", "site": "school-1", "simulated": simulated})
    return path


def test_a_hub_with_a_real_board_is_left_alone(tmp_path: Path) -> None:
    path = folder(tmp_path, simulated=False)
    before = (path / "registry.json").read_bytes()
    done = load("--hub", str(path), "--minutes", "0.01")
    assert done.returncode == 2
    assert "real board" in done.stderr and "Traceback" not in done.stderr
    assert (path / "registry.json").read_bytes() == before


def test_a_folder_without_a_running_hub_is_told(tmp_path: Path) -> None:
    done = load("--hub", str(folder(tmp_path, simulated=True)), "--minutes", "0.01")
    assert done.returncode == 2
    assert "No hub runs" in done.stderr
    done = load("--hub", str(tmp_path / "nothing"), "--minutes", "0.01")
    assert done.returncode == 2
    assert "no data folder" in done.stderr
