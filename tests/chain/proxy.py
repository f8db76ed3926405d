"""The line between boards and broker, as bad as a test wants it: our own TCP proxy.

It knows just enough of MQTT to tell one packet of the broker from the next, so that a receipt can
be held back on its own and every receipt that went through is on record.
"""

import asyncio
import json
import random
import re
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

PUBLISH = 0x30
DOWN = re.compile(r"^qianshao/v1/[^/]+/board/([^/]+)/down/(\w+)$")


class Told(NamedTuple):
    """One press that a board was told about: what the broker handed over, and when it went on.

    `said`: seconds since 1970 when the proxy had it of the broker; `passed`: when the board got
    it, None when its line was gone by then; `state`: stored, taken, closed, later or refused.
    """

    board: str
    press: str
    state: str
    said: float
    passed: float | None


class Proxy:
    """Boards connect to `port`. Whatever is set here holds from the next packet on.

    `hold_s`: how long receipts and states wait, drawn anew for each (everything behind them on
    that line waits as well); `delay_s`: the same for everything, both ways; `step`: at most so
    many bytes in one write, 0 = as they come; `refusing`: a new connection is closed at once.
    """

    def __init__(self, broker_port: int, seed: int = 1) -> None:
        self.broker_port = broker_port
        self.hold_s = (0.0, 0.0)
        self.delay_s = 0.0
        self.step = 0
        self.refusing = False
        self.told: list[Told] = []
        self.random = random.Random(seed)
        self.lines: list[Line] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.ending = asyncio.Event()
        self.loop = asyncio.new_event_loop()
        listening = threading.Event()
        self.thread = threading.Thread(
            target=lambda: self.loop.run_until_complete(self._serve(listening)), name="proxy"
        )
        self.thread.start()
        assert listening.wait(5)

    async def _serve(self, listening: threading.Event) -> None:
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        listening.set()
        await self.ending.wait()
        server.close()
        for line in self.lines:
            line.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await asyncio.sleep(0)  # what was closed may finish closing

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            writer.close()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.broker_port)
        except OSError:
            writer.close()
            return
        line = Line(self, writer, far_writer)
        self.lines.append(line)
        self._spawn(line.up(reader))
        self._spawn(line.down(far_reader))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    # --- from the test's thread -------------------------------------------------------------

    def cut(self) -> None:
        """Close every connection there is, both ends."""

        def work() -> None:
            for line in self.lines:
                line.close()

        self._on_loop(work)

    def strand(self) -> None:
        """Every connection there is goes half-open: nothing passes any more, nobody is told."""

        def work() -> None:
            for line in self.lines:
                line.stranded = True

        self._on_loop(work)

    def stop(self) -> None:
        self._on_loop(self.ending.set)
        self.thread.join(10)
        self.loop.close()

    def _on_loop(self, call: Callable[[], object]) -> None:
        self.loop.call_soon_threadsafe(call)


class Line:
    """One board's connection and ours to the broker."""

    def __init__(
        self, proxy: Proxy, near: asyncio.StreamWriter, far: asyncio.StreamWriter
    ) -> None:
        self.proxy = proxy
        self.near = near
        self.far = far
        self.stranded = False
        self.due = 0.0  # loop time before which nothing more may go down

    def close(self) -> None:
        self.stranded = False
        self.near.close()
        self.far.close()

    async def up(self, reader: asyncio.StreamReader) -> None:
        """Board to broker."""
        try:
            while data := await reader.read(65536):
                if self.proxy.delay_s:
                    await asyncio.sleep(self.proxy.delay_s)
                await self._write(self.far, data)
        except OSError:
            pass  # one of the two ends is gone: so is the line
        if not self.stranded:
            self.close()

    async def down(self, reader: asyncio.StreamReader) -> None:
        """Broker to board, packet by packet, in their order."""
        waiting: asyncio.Queue[tuple[float, bytes, list[Told]] | None] = asyncio.Queue()
        self.proxy._spawn(self._let_down(waiting))
        try:
            while True:
                packet = await _packet(reader)
                told = _told(packet)
                hold_s = self.proxy.random.uniform(*self.proxy.hold_s) if told else 0.0
                now = self.proxy.loop.time()
                self.due = max(self.due, now + hold_s + self.proxy.delay_s)
                waiting.put_nowait((self.due, packet, told))
        except (OSError, asyncio.IncompleteReadError):
            waiting.put_nowait(None)

    async def _let_down(
        self, waiting: asyncio.Queue[tuple[float, bytes, list[Told]] | None]
    ) -> None:
        while (each := await waiting.get()) is not None:
            due, packet, told = each
            await asyncio.sleep(due - self.proxy.loop.time())
            passed = None
            if not self.stranded and not self.near.is_closing():
                try:
                    await self._write(self.near, packet)
                    passed = time.time()
                except OSError:
                    self.near.close()
            self.proxy.told += [each._replace(passed=passed) for each in told]
        if not self.stranded:
            self.close()

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        while self.stranded:
            await asyncio.sleep(0.05)
        step = self.proxy.step or len(data)
        for at in range(0, len(data), step):
            writer.write(data[at : at + step])
            await writer.drain()


async def _packet(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(1)
    length = shift = 0
    while True:
        digit = await reader.readexactly(1)
        head += digit
        length |= (digit[0] & 127) << shift
        shift += 7
        if digit[0] < 128:
            return head + (await reader.readexactly(length) if length else b"")


def _told(packet: bytes) -> list[Told]:
    """What a receipt or a state says of presses; nothing of any other packet."""
    if packet[0] & 0xF0 != PUBLISH:
        return []
    at = 1
    while packet[at] & 128:
        at += 1
    at += 1
    end = at + 2 + int.from_bytes(packet[at : at + 2], "big")
    found = DOWN.match(packet[at + 2 : end].decode())
    if not found:
        return []
    board, message = found.groups()
    value, now = json.loads(packet[end:]), time.time()
    if message == "receipt":
        state = value.get("state") or value["answer"]
        return [Told(board, f"{value['boot']}:{value['number']}", state, now, None)]
    if message == "state":
        return [
            Told(board, fate["press"], fate["state"], now, None)
            for fate in value["presses"]
            if fate["state"] != "unknown"
        ]
    return []
