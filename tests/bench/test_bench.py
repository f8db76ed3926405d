"""The bench itself: a short run prints its table; the long one holds the asserted ratios."""

import json
import subprocess
import sys

import pytest

from hub import debian
from tests.bench.__main__ import MEASURES
from tests.bench.contenders import ROOT

pytestmark = pytest.mark.chain


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        debian.mosquitto()
    except debian.Missing as missing:
        pytest.skip(str(missing))
    command = [sys.executable, "-m", "tests", "bench", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_a_short_run_prints_every_measure() -> None:
    done = bench("--repeats", "1", "--seconds", "1")
    print(done.stdout)
    assert done.returncode in (0, 1), done.stderr
    titles = [f"{measure.name} ({measure.unit})" for measure in MEASURES]
    lines = done.stdout.splitlines()
    assert [title for title in titles if not any(line.startswith(title) for line in lines)] == []


@pytest.mark.long
def test_the_asserted_ratios_hold() -> None:
    done = bench("--json")
    rows = json.loads(done.stdout)["measures"]
    print("\n".join(f"{row['name']}: {row['ratio']:.2f}" for row in rows))
    assert [row["name"] for row in rows if not row["holds"]] == []
    assert done.returncode == 0


def test_a_wrong_word_is_told() -> None:
    done = bench("--repeats", "none")
    assert done.returncode == 2
    assert "none should be a whole number" in done.stderr
