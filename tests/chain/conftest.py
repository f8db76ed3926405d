"""One demo for all tests of this folder that do not need their own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.chain.demo import CannotStart, Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Started once, shared: a test uses boards of its own and mends what it broke."""
    with running(tmp_path_factory.mktemp("chain") / "data") as started:
        yield started


@pytest.fixture
def own_demo(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    """Starts demos that end with the test, on `tmp_path`/data unless another folder is named."""
    demos: list[Demo] = []

    def begin(
        data: Path = tmp_path / "data", *arguments: str, ignore_sigint: bool = False
    ) -> Demo:
        demos.append(start(data, *arguments, ignore_sigint=ignore_sigint))
        return demos[-1]

    yield begin
    for each in demos:
        each.kill()


def start(data: Path, *arguments: str, ignore_sigint: bool = False) -> Demo:
    """Skips the test where Mosquitto can be neither found nor fetched."""
    try:
        return Demo(data, *arguments, ignore_sigint=ignore_sigint)
    except CannotStart as sentence:
        if "mosquitto was not found" in str(sentence):
            pytest.skip("needs Mosquitto: apt install mosquitto")
        raise


@contextmanager
def running(data: Path) -> Iterator[Demo]:
    """A demo that must end well when the tests with it did."""
    started = start(data)
    try:
        yield started
        started.stop()
    finally:
        started.kill()
