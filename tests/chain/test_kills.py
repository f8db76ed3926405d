"""kill -9 and SIGSTOP of everything, at the worst moment: while a press is under way."""

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.chain.town import Press, Town, judge, until
from tests.conftest import Tell

pytestmark = pytest.mark.chain

BOARDS = ("school-1", "school-2", "school-3")
VICTIMS = ("board", "broker", "hub")
HOLD_S = (0.3, 0.8)
BETWEEN_LEAST = 0.6  # of the kills must fall between a press and its receipt, or nothing is proved


class Nemesis:
    """Presses every board, harms one process 0-500 ms later, waits until all has been told."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town = town
        self.random = random.Random(seed)
        self.kills: Counter[str] = Counter()
        self.between = 0

    def strike(self, victim: str, round_: int) -> None:
        """kill -9 of the victim; a board: the one whose turn it is."""
        watched = self.town.boards[round_ % len(self.town.boards)]
        before = {board: set(self.town.journal(board)) for board in self.town.boards}
        presses = [self.town.press(board) for board in self.town.boards]
        self._wait_after(presses, watched)
        self.town.kill(watched if victim == "board" else victim)
        at = time.time()
        self.kills[victim] += 1
        if victim == "board":
            names = set(self.town.journal(watched)) - before[watched]
        else:
            names = set(self.town.saved(next(p for p in presses if p.board == watched)))
        told = {
            each.press
            for each in self.town.proxy.told
            if each.board == watched and each.passed and each.passed <= at
        }
        self.between += bool(names) and not names & told
        self._settle()

    def freeze(self, victim: str) -> None:
        """SIGSTOP of the victim for 5 s."""
        presses = [self.town.press(board) for board in self.town.boards]
        self._wait_after(presses, self.town.boards[0])
        self.town.freeze(self.town.boards[0] if victim == "board" else victim, 5.0)
        self._settle()

    def _wait_after(self, presses: list[Press], watched: str) -> None:
        pressed = next(press.at for press in presses if press.board == watched)
        wait_s = pressed + self.random.uniform(0.0, 0.5) - time.time()
        time.sleep(max(wait_s, 0.0))

    def _settle(self) -> None:
        """What is in flash is told; where that takes long the next blow comes all the same."""
        deadline = time.monotonic() + 6.0
        while time.monotonic() < deadline:
            if all(self.town.told(*name) for name in self.town.pressed()):
                return
            time.sleep(0.05)


def run(town: Town, kills: int, seed: int) -> str:
    """-> the last line; fails on any wrong, or when the kills missed the presses."""
    town.proxy.hold_s = HOLD_S
    nemesis = Nemesis(town, seed)
    for round_ in range(kills):
        for victim in VICTIMS:
            nemesis.strike(victim, round_)
    for victim in VICTIMS:
        nemesis.freeze(victim)
    until(lambda: town.pressed() <= town.stored(), 60)
    verdict = judge(town)
    total = sum(nemesis.kills.values())
    share = nemesis.between / total
    line = (
        f"kills={total} board={nemesis.kills['board']} broker={nemesis.kills['broker']}"
        f" hub={nemesis.kills['hub']} between={nemesis.between} ({share:.0%}) {verdict.line()}"
    )
    assert verdict.clean(), verdict
    assert verdict.pressed >= total
    assert share >= BETWEEN_LEAST, line
    return line


def test_fifteen_kills_each(tmp_path: Path, tell: Tell) -> None:
    with Town(tmp_path / "town", BOARDS) as town:
        line = run(town, 15, seed=1)
        assert "Traceback" not in town.processes["hub"].log.read_text()
    tell(line)


@pytest.mark.long
@pytest.mark.timeout(2400)
def test_a_hundred_kills_each(tmp_path: Path, tell: Tell) -> None:
    with Town(tmp_path / "town", BOARDS) as town:
        line = run(town, 100, seed=2)
    tell(line)
