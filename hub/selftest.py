"""The self-test: each minute a press of the reserved board goes through the boards' own listener,
broker, hub and ledger, and its receipt comes back. Heard nothing: 自检失败."""

import asyncio
import json
import secrets
from collections.abc import Callable

from hub.intake import SELF_TEST
from hub.link import Link
from protocol.catalogue import encode
from protocol.topics import board_topic

PATIENCE_S = 10.0


class SelfTest:
    """`passed()` is called when a receipt has come back. One link as the board `self-test`."""

    def __init__(
        self,
        district: str,
        host: str,
        port: int,
        password: str,
        every_s: float,
        passed: Callable[[], None],
    ) -> None:
        self.district = district
        self.every_s = every_s
        self.passed = passed
        self.boot = secrets.token_hex(8)
        self.number = 0
        self.answered = asyncio.Event()
        down = board_topic(district, SELF_TEST, "down", "receipt")
        self.link = Link(host, port, SELF_TEST, password, [down], self._heard)

    async def run(self) -> None:
        """Until cancelled. A press without receipt is pressed again, under a new number."""
        living = asyncio.create_task(self.link.run())
        try:
            while True:
                patience_s = self.every_s if await self._press() else 1.0
                await asyncio.sleep(patience_s)
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)

    async def _press(self) -> bool:
        self.number += 1
        self.answered.clear()
        press = {"boot": self.boot, "number": self.number, "kind": "test"}
        payload = encode("report", {**press, "age_ms": 0, "reboots": 0})
        topic = board_topic(self.district, SELF_TEST, "up", "report")
        if self.link.publish(topic, payload) is None:
            return False
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.answered.wait()
        except TimeoutError:
            return False
        return True

    def _heard(self, _topic: str, payload: bytes) -> None:
        receipt = json.loads(payload)
        mine = receipt["boot"] == self.boot and receipt["number"] == self.number
        if mine and receipt["answer"] == "stored":
            self.answered.set()
            self.passed()
