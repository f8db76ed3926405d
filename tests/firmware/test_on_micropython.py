"""The rooms of a board under MicroPython too: the same files, the same tests, both word sizes."""

import subprocess

import pytest

from tests.firmware.processes import ROOT, interpreter

FILES = [
    "tests/firmware/test_core.py",
    "tests/firmware/test_keys.py",
    "tests/firmware/test_lamps.py",
    "tests/firmware/test_outbox.py",
    "tests/protocol/test_delivery.py",
]


@pytest.mark.parametrize("name", ["micropython", "micropython32"])
def test_the_same_tests_pass(name):
    # the tests keep every effect they saw: that is what needs the heap
    command = [*interpreter(name), "-X", "heapsize=16m", "tests/dual.py", *FILES]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stdout.splitlines()[-1].endswith("failed=0")
