"""Everybody who has the demo's page open: each hears what changes from the moment it came."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

KEEPALIVE_S = 5.0
MOST_WAITING = 1000  # a page that reads nothing for so long begins anew

Told = tuple[str, Any]  # the event's name, and its value


class Audience:
    """`tell` reaches all who listen now."""

    def __init__(self) -> None:
        self.queues: set[asyncio.Queue[Told]] = set()

    def tell(self, name: str, value: Any) -> None:
        for queue in self.queues:
            if queue.qsize() < MOST_WAITING:
                queue.put_nowait((name, value))

    async def listen(self, first: Callable[[], list[Told]]) -> AsyncIterator[Told]:
        """What `first` says, and then each change; ("alive", None) now and then. It ends for
        whoever has fallen too far behind."""
        queue: asyncio.Queue[Told] = asyncio.Queue()
        self.queues.add(queue)
        try:
            for told in first():
                yield told
            while queue.qsize() < MOST_WAITING:
                try:
                    async with asyncio.timeout(KEEPALIVE_S):
                        told = await queue.get()
                except TimeoutError:
                    told = ("alive", None)
                yield told
        finally:
            self.queues.discard(queue)
