"""The hub's own connection through the broker's death and paralysis."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from hub import broker
from hub.link import KEEPALIVE_S, Link
from tests.chain.town import DISTRICT, Town
from tests.conftest import Tell

pytestmark = pytest.mark.chain

ECHO = f"qianshao/v1/{DISTRICT}/hub/test"
WITHIN_S = 30  # a slow machine is no fault of the link's
Body = Callable[["Watched"], Awaitable[None]]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with Town(tmp_path_factory.mktemp("link") / "town", ()) as town:
        yield town


class Watched:
    """A link, and what it told: `ups` (seconds, up), `heard`, `acknowledged`."""

    def __init__(self, town: Town) -> None:
        self.ups: list[tuple[float, bool]] = []
        self.heard: list[bytes] = []
        self.acknowledged: list[int] = []
        self.stumbling = False
        password = broker.secret(town.folder, broker.HUB_USER)
        self.link = Link(
            "127.0.0.1",
            town.ports["mqtt"],
            broker.HUB_USER,
            password,
            [ECHO],
            self._heard,
            lambda up: self.ups.append((time.monotonic(), up)),
            self.acknowledged.append,
        )

    def _heard(self, _topic: str, payload: bytes) -> None:
        if self.stumbling:
            self.stumbling = False
            raise KeyError("a mistake of ours")
        self.heard.append(payload)

    async def until(self, true: Callable[[], object], seconds: float) -> float:
        """-> how long it took."""
        began = time.monotonic()
        while not true():
            assert time.monotonic() - began < seconds, self.ups
            await asyncio.sleep(0.01)
        return time.monotonic() - began

    async def echoes(self) -> None:
        """What is said now comes back."""
        count = len(self.heard)
        assert self.link.publish(ECHO, b"x") is not None
        await self.until(lambda: len(self.heard) > count, WITHIN_S)


def live(town: Town, body: Body) -> Watched:
    watched = Watched(town)

    async def run() -> None:
        running = asyncio.create_task(watched.link.run())
        await watched.until(lambda: watched.link.up, WITHIN_S)
        await body(watched)
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert not watched.link.up
        assert len(asyncio.all_tasks()) == 1  # this one: nothing was left behind

    asyncio.run(run())
    return watched


def test_a_killed_broker_is_noticed_at_once_and_found_again(town: Town, tell: Tell) -> None:
    async def body(watched: Watched) -> None:
        for _ in range(3):
            await watched.echoes()
            town.kill("broker")
            took_s = await watched.until(lambda: not watched.link.up, WITHIN_S)
            assert took_s < 2 * KEEPALIVE_S  # by its socket: silence would have taken longer
            tell(f"a killed broker was noticed after {took_s:.2f} s")
            assert watched.link.publish(ECHO, b"nowhere") is None
            await watched.until(lambda: watched.link.up, WITHIN_S)
        await watched.echoes()

    watched = live(town, body)
    assert [up for _, up in watched.ups] == [True, False] * 4
    assert b"nowhere" not in watched.heard


def test_a_frozen_broker_is_noticed_and_found_again(town: Town, tell: Tell) -> None:
    async def body(watched: Watched) -> None:
        await watched.echoes()
        freezing = asyncio.create_task(asyncio.to_thread(town.freeze, "broker", 9.0))
        took_s = await watched.until(lambda: not watched.link.up, 8)
        tell(f"a frozen broker was noticed after {took_s:.1f} s")
        await freezing
        await watched.until(lambda: watched.link.up, WITHIN_S)
        await watched.echoes()

    live(town, body)
    assert 2 * KEEPALIVE_S + 1 < 8


def test_a_silent_link_that_lives_is_left_alone(town: Town) -> None:
    async def body(watched: Watched) -> None:
        await asyncio.sleep(2 * KEEPALIVE_S + 0.6)
        await watched.echoes()

    assert [up for _, up in live(town, body).ups] == [True, False]


def test_a_mistake_on_one_message_does_not_deafen_it(town: Town) -> None:
    async def body(watched: Watched) -> None:
        watched.stumbling = True
        watched.link.publish(ECHO, b"x")
        await watched.until(lambda: len(watched.ups) == 3, WITHIN_S)
        await watched.echoes()

    live(town, body)


def test_each_publish_at_qos_1_is_acknowledged(town: Town) -> None:
    async def body(watched: Watched) -> None:
        mids = [watched.link.publish(ECHO, b"%d" % n, qos=1) for n in range(500)]
        await watched.until(lambda: set(mids) <= set(watched.acknowledged), WITHIN_S)
        await watched.until(lambda: len(watched.heard) == 500, WITHIN_S)
        assert watched.heard == [b"%d" % n for n in range(500)]

    live(town, body)


def test_cancelled_while_it_connects_it_leaves_nothing(town: Town) -> None:
    async def run() -> None:
        for wait_s in (0.0, 0.0005, 0.001, 0.002, 0.005):
            watched = Watched(town)
            running = asyncio.create_task(watched.link.run())
            await asyncio.sleep(wait_s)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            assert len(asyncio.all_tasks()) == 1

    asyncio.run(run())
