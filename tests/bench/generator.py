"""The load: raw MQTT clients in a process of their own, the same for whatever is measured.

A job is one JSON object on stdin: `port`, `district`, `boards` (id -> password), `kind` of the
reports, `seconds`, and either `window` (reports that each board keeps outstanding: saturation) or
`rate` (reports a second of all boards together, evenly spaced). The result is one JSON object on
stdout: `receipts` heard in the measured time, `per_second`, `p50_ms`, `p99_ms`, `sent`, `others`
(answers that were not `stored`), `unanswered`, and where the job asks for `times`: of each report
sent in the measured time [board, boot, number, perf_counter].
"""

import asyncio
import itertools
import json
import secrets
import socket
import sys
import time
from typing import Any

from firmware.mqtt import connect_packet, packet
from protocol.catalogue import encode
from protocol.topics import board_topic

WARM_S = 1.0  # before the measured time: connections, caches, the first rows
DRAIN_S = 3.0  # after it: what is still under way
CONNECT, SUBSCRIBE, PUBLISH = 0x20, 0x90, 0x30  # the answers that are waited for, and receipts


class Board(asyncio.Protocol):
    """One board's connection. `answered` is called after each receipt."""

    def __init__(self, load: "Load", board: str, password: str) -> None:
        self.load = load
        self.board = board
        self.password = password
        self.boot = secrets.token_hex(8)
        self.number = 0
        self.under_way: dict[int, float] = {}  # number -> when it was sent
        self.ready = asyncio.Event()
        self.rest = b""

    def _topic(self, way: str, message: str) -> str:
        return board_topic(self.load.district, self.board, way, message)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        will = (self._topic("up", "gone"), encode("gone", {"boot": self.boot}))
        transport.write(connect_packet(self.board, self.board, self.password, will, 60))

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while (end := _end(self.rest)) is not None:
            whole, self.rest = self.rest[:end], self.rest[end:]
            self._packet(whole)

    def _packet(self, whole: bytes) -> None:
        kind = whole[0] & 0xF0
        if kind == CONNECT:
            topic = self._topic("down", "receipt").encode()
            body = b"\0\1" + len(topic).to_bytes(2, "big") + topic + b"\0"
            self.transport.write(packet(0x82, body))
        elif kind == SUBSCRIBE:
            self.ready.set()
        elif kind == PUBLISH:
            receipt = json.loads(whole[whole.index(b"{") :])
            sent = self.under_way.pop(receipt["number"], None)
            if sent is not None:
                self.load.answered(self, sent, receipt["answer"])

    def send(self) -> None:
        """One new report; its topic precedes its payload in the packet."""
        self.number += 1
        report = {"boot": self.boot, "number": self.number, "kind": self.load.job["kind"]}
        payload = encode("report", {**report, "age_ms": 0, "reboots": 0})
        topic = self._topic("up", "report").encode()
        self.under_way[self.number] = sent = time.perf_counter()
        if self.load.keeps_times:
            self.load.times.append((self.board, self.boot, self.number, sent))
        self.load.sent += 1
        self.transport.write(packet(PUBLISH, len(topic).to_bytes(2, "big") + topic + payload))


def _end(data: bytes) -> int | None:
    """Where the first packet ends; None when it is not whole yet (MQTT 3.1.1, 2.2.3)."""
    length = shift = 0
    for at in range(1, min(len(data), 5)):
        length |= (data[at] & 127) << shift
        shift += 7
        if not data[at] & 128:
            end = at + 1 + length
            return end if len(data) >= end else None
    return None


class Load:
    """All boards of one job."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job
        self.district: str = job["district"]
        self.sent = 0
        self.others = 0
        self.measured: tuple[float, float] = (0.0, 0.0)
        self.latencies: list[float] = []
        self.times: list[tuple[str, str, int, float]] = []
        self.keeps_times = "times" in job
        self.window = int(job.get("window", 0))

    def answered(self, board: Board, sent: float, answer: str) -> None:
        now = time.perf_counter()
        begin, end = self.measured
        if answer != "stored":
            self.others += 1
        elif begin <= now < end:
            self.latencies.append(now - sent)
        if self.window and now < end:
            board.send()

    async def run(self) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        boards = [Board(self, each, password) for each, password in self.job["boards"].items()]
        for board in boards:
            await loop.create_connection(lambda b=board: b, "127.0.0.1", self.job["port"])  # type: ignore[misc]
            async with asyncio.timeout(5):
                await board.ready.wait()
        begin = time.perf_counter() + WARM_S
        self.measured = (begin, begin + self.job["seconds"])
        for board in boards:
            for _ in range(self.window):
                board.send()
        if not self.window:
            await self._steadily(boards)
        await asyncio.sleep(max(0.0, self.measured[1] - time.perf_counter()))
        until = time.perf_counter() + DRAIN_S
        while any(board.under_way for board in boards) and time.perf_counter() < until:
            await asyncio.sleep(0.05)
        return self._result(boards)

    async def _steadily(self, boards: list[Board]) -> None:
        due = time.perf_counter()
        for board in itertools.cycle(boards):
            if due >= self.measured[1]:
                return
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            board.send()
            due += 1 / self.job["rate"]

    def _result(self, boards: list[Board]) -> dict[str, Any]:
        ordered = sorted(self.latencies) or [float("inf")]
        return {
            "receipts": len(self.latencies),
            "per_second": len(self.latencies) / self.job["seconds"],
            "p50_ms": ordered[len(ordered) // 2] * 1000,
            "p99_ms": ordered[len(ordered) * 99 // 100] * 1000,
            "sent": self.sent,
            "others": self.others,
            "unanswered": sum(len(board.under_way) for board in boards),
            "times": [each for each in self.times if self.measured[0] <= each[3]],
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(Load(json.load(sys.stdin)).run())))
