"""Each rule is taken out of the product once, and the world must say that it is missing."""

import pytest

from simulator.world.world import Size, Variant, World
from tests.simulator.mutants import MUTANTS, Mutant

MOST_SEEDS = 60  # most are seen in the first; what needs two accidents at once is rarer


@pytest.mark.parametrize("mutant", MUTANTS, ids=[each.__name__ for each in MUTANTS])
def test_the_world_sees_it(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    variant = mutant(monkeypatch) or Variant()
    for seed in range(1, MOST_SEEDS + 1):
        judge = World(seed, Size(), variant).run().judge
        if judge.first:
            print(f"seed {seed}: {judge.first[1]}")
            return
    pytest.fail(f"{mutant.__name__}: {MOST_SEEDS} seeds found nothing wrong")
