"""The bench itself: a short run prints its table. `./qianshao test --all` holds its ratios."""

import subprocess
import sys

import pytest

from hub import debian
from tests.bench.__main__ import MEASURES
from tests.bench.contenders import ROOT
from tests.conftest import Tell

pytestmark = pytest.mark.chain


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        debian.mosquitto()
    except debian.Missing as missing:
        pytest.skip(str(missing))
    command = [sys.executable, "-m", "tests", "bench", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_a_short_run_prints_every_measure(tell: Tell) -> None:
    done = bench("--repeats", "1", "--seconds", "1")
    tell("\n" + done.stdout)
    assert done.returncode in (0, 1), done.stderr
    titles = [f"{measure.name} ({measure.unit})" for measure in MEASURES]
    lines = done.stdout.splitlines()
    assert [title for title in titles if not any(line.startswith(title) for line in lines)] == []


def test_a_wrong_word_is_told() -> None:
    done = bench("--repeats", "none")
    assert done.returncode == 2
    assert "none should be a whole number" in done.stderr
