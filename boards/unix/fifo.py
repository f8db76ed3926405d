"""A named pipe as an input, on either interpreter: found by feature, never by name."""

import asyncio
import os


class Fifo:
    """A named pipe as an input. Opened for both ways, so that it never ends."""

    def __init__(self, path):
        self.path = path
        self.reader = None

    if hasattr(os, "O_NONBLOCK"):

        async def read(self):
            """Some bytes, as soon as there are any."""
            if self.reader is None:
                handle = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
                self.reader = asyncio.StreamReader()
                protocol = asyncio.StreamReaderProtocol(self.reader)
                pipe = os.fdopen(handle, "rb", buffering=0)
                await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, pipe)
            return await self.reader.read(1024)

    else:

        async def read(self):
            """One byte, as soon as there is one: asking for more could block the whole board."""
            if self.reader is None:
                self.reader = asyncio.StreamReader(open(self.path, "r+b"))
            return await self.reader.read(1)
