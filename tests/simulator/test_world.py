"""The virtual world: two hundred seeds hold every promise, four broken products are found out."""

import subprocess
import sys
import time

import pytest

from simulator.broken import BROKEN
from simulator.world.world import Size, Variant, World
from tests.conftest import Tell


def simulate(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "simulator", "simulate", *args]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_two_hundred_seeds_lose_double_and_confirm_nothing_falsely(tell: Tell) -> None:
    begun = time.monotonic()
    done = simulate("--seeds", "200")
    tell(f"200 seeds in {time.monotonic() - begun:.1f} s")
    last = done.stdout.splitlines()[-1]
    assert last.startswith("seeds=200 pressed="), done.stdout[-3000:] + done.stderr[-3000:]
    assert last.endswith("lost=0 doubled=0 falsely_confirmed=0 swallowed=0 silent=0")
    pressed = int(last.split("pressed=")[1].split()[0])
    assert pressed >= 200 * 40  # a press on a board without power is no press
    assert done.returncode == 0


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_product_is_found_out(name: str) -> None:
    done = simulate("--broken", name, "--seeds", "12")
    assert done.returncode == 1
    assert "first wrong press: seed" in done.stdout
    assert f"--broken {name}" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("seeds=12 ")


def test_a_seed_replays_to_the_byte() -> None:
    def trace() -> list[str]:
        world = World(7, Size(), Variant())
        result = world.run()
        return [*result.trace, str(result.judge.count), str(sorted(world.judge.committed.names))]

    assert trace() == trace()


def test_two_seeds_are_two_worlds() -> None:
    assert World(1, Size(), Variant()).run().trace != World(2, Size(), Variant()).run().trace


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_two_thousand_seeds() -> None:
    done = simulate("--seed", "1001", "--seeds", "2000")
    assert done.returncode == 0, done.stdout[-3000:]


def test_wrong_numbers_get_a_sentence() -> None:
    done = simulate("--seeds", "0")
    assert done.returncode == 2
    assert "should be a whole number, 1 or more" in done.stderr
