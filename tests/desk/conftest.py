"""One running house for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.client import Client
from tests.desk.fixture import Served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    house = Served(tmp_path)
    yield house
    house.close()


@pytest.fixture
def officer(served: Served) -> Client:
    client = Client(served)
    client.login("zhangwei")
    return client


@pytest.fixture
def administrator(served: Served) -> Client:
    client = Client(served)
    client.login("admin")
    return client


@pytest.fixture
def auditor(served: Served) -> Client:
    client = Client(served)
    client.login("shenjie")
    return client


@pytest.fixture
def stranger(served: Served) -> Client:
    return Client(served)
