"""What pages follow: effects handed to every listener, in the order of their commits."""

import asyncio
from collections.abc import AsyncIterator
from weakref import WeakSet

from hub.events import Effect


class Changes:
    """A listener that has ended is forgotten by itself."""

    def __init__(self) -> None:
        self.queues: WeakSet[asyncio.Queue[Effect]] = WeakSet()

    def tell(self, effect: Effect) -> None:
        """To all that listen now."""
        for each in self.queues:
            each.put_nowait(effect)

    def subscribe(self) -> AsyncIterator[Effect]:
        """What changes from this call on."""
        mine: asyncio.Queue[Effect] = asyncio.Queue()
        self.queues.add(mine)
        return _each(mine)


async def _each(queue: "asyncio.Queue[Effect]") -> AsyncIterator[Effect]:
    while True:
        yield await queue.get()
