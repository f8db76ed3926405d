"""The boards' cables as far as the broker: each board has one of its own, which can be pulled out.

A line passes bytes on as they are. Both ends notice a pulled plug at once, and find nobody there
until it is back: what a switch does with a port that has lost its cable.
"""

import asyncio
from contextlib import suppress

MOST_BYTES = 65_536


class Line:
    """From a port of its own to the broker's at 127.0.0.1. `plugged`: whether anything passes."""

    def __init__(self, broker_port: int) -> None:
        self.broker_port = broker_port
        self.plugged = True
        self.ends: set[asyncio.StreamWriter] = set()
        self.server: asyncio.Server | None = None

    async def open(self) -> int:
        """-> the port where the board finds it. Raises OSError."""
        self.server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        port: int = self.server.sockets[0].getsockname()[1]
        return port

    def pull(self) -> None:
        self.plugged = False
        for end in self.ends:
            end.transport.abort()

    def plug(self) -> None:
        self.plugged = True

    async def close(self) -> None:
        self.pull()
        if self.server:
            self.server.close()
            await self.server.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the board, to its end."""
        self.ends.add(writer)
        try:
            if self.plugged:
                await self._join(reader, writer)
        finally:
            self.ends.discard(writer)
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.broker_port)
        except OSError:
            return  # no broker: the board finds out as if it had asked it itself
        self.ends.add(far_writer)
        both = [_pass(reader, far_writer), _pass(far_reader, writer)]
        tasks = [asyncio.create_task(each) for each in both]
        try:
            if self.plugged:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.ends.discard(far_writer)
            for end in (far_writer, writer):
                end.transport.abort()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(MOST_BYTES):
            writer.write(data)
            await writer.drain()
