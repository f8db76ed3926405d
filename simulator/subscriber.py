"""The city, as the demo shows it: a subscriber of its own on the real broker.

It does what every city system should: it sees by the retained head, or by a gap, that it has
missed something, and fills it by GET.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import aiohttp

from hub import broker
from hub.link import Link
from protocol.topics import city_topic

KEPT = 60  # events shown at most, and how far back it looks at its start
ASK_S = 5.0
SETTLE_S = 0.5  # what is only under way comes by itself
FEEDS = ("alarm", "exercise")

log = logging.getLogger("qianshao.demo")


class Subscriber:
    """`told` hears of each event: {feed, sequence, id, subject, change, site, board, kind, state,
    time, refilled}."""

    def __init__(
        self,
        district: str,
        port: int,
        password: str,
        refill: tuple[str, str],
        told: Callable[[dict[str, Any]], None],
    ) -> None:
        """`port`: the broker's for subscribers; `refill`: the address of GET, and its token."""
        self.topics = {city_topic(district, feed): feed for feed in FEEDS}
        self.head_topic = city_topic(district, "head")
        self.receipt_topic = city_topic(district, "receipt")
        self.refill = refill
        self.told = told
        self.connected = asyncio.Event()  # the hub has said through the broker where the feed is
        self.events: list[dict[str, Any]] = []
        self.source = ""  # the log that it follows
        self.whole: dict[str, int] = {}  # feed -> every event up to this one was seen
        self.ahead: dict[str, set[int]] = {feed: set() for feed in FEEDS}
        self.last = dict.fromkeys(FEEDS, 0)  # feed -> the highest sequence heard of
        self.filling: dict[str, asyncio.Task[None]] = {}
        topics = [*self.topics, self.head_topic]
        self.link = Link("127.0.0.1", port, broker.CITY_USER, password, topics, self._heard)

    async def run(self) -> None:
        """Listen until cancelled."""
        try:
            await self.link.run()
        finally:
            for task in self.filling.values():
                task.cancel()

    def receipt(self, id_: str) -> bool:
        """Send the city's receipt for an event; False while there is no broker to take it."""
        value = json.dumps({"id": id_, "who": "市级（演示）"}, ensure_ascii=False)
        return self.link.publish(self.receipt_topic, value.encode(), qos=1) is not None

    def _heard(self, topic: str, payload: bytes) -> None:
        value = json.loads(payload)
        self._follow(value["source"])
        if topic == self.head_topic:
            for feed in FEEDS:
                self.whole.setdefault(feed, max(0, value[feed] - KEPT))
                self._missed(feed, value[feed])
            self.connected.set()
        elif self.topics[topic] in self.whole:
            self._take(self.topics[topic], value, refilled=False)

    def _follow(self, source: str) -> None:
        """Another source is another log: the hub's ledger has another birth, and counts from 1."""
        if source != self.source:
            self.whole = dict.fromkeys(FEEDS, 0) if self.source else {}
            self.source = source
            self.ahead = {feed: set() for feed in FEEDS}
            self.last = dict.fromkeys(FEEDS, 0)

    def _take(self, feed: str, event: dict[str, Any], refilled: bool) -> None:
        sequence = int(event["sequence"])
        if sequence <= self.whole[feed] or sequence in self.ahead[feed]:
            return  # at least once, never twice in sight
        self.ahead[feed].add(sequence)
        while self.whole[feed] + 1 in self.ahead[feed]:
            self.whole[feed] += 1
            self.ahead[feed].discard(self.whole[feed])
        self._missed(feed, sequence)
        data = event["data"]
        shown = {
            "feed": feed,
            "sequence": sequence,
            "id": event["id"],
            "subject": event["subject"],
            "change": data["change"],
            "site": data["site_name"],
            "board": data["board"],
            "kind": data["kind"],
            "state": data["state"],
            "time": event["time"],
            "refilled": refilled,
        }
        self.events = [*self.events, shown][-KEPT:]
        self.told(shown)

    def _missed(self, feed: str, last: int) -> None:
        self.last[feed] = max(last, self.last[feed])
        under_way = self.filling.get(feed)
        if self.whole[feed] < self.last[feed] and (under_way is None or under_way.done()):
            self.filling[feed] = asyncio.create_task(self._fill(feed))

    async def _fill(self, feed: str) -> None:
        """GET what is missing. A hub that does not answer says its head again when it is back."""
        await asyncio.sleep(SETTLE_S)
        if self.whole[feed] >= self.last[feed]:
            return
        address, token = self.refill
        headers = {"Authorization": f"Bearer {token}"}
        query = {"feed": feed, "after": str(self.whole[feed])}
        timeout = aiohttp.ClientTimeout(total=ASK_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
                session.get(address, params=query) as response,
            ):
                found = await response.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            log.debug("no refill of %s: %s", feed, error)
            return
        for event in found if isinstance(found, list) else ():
            self._take(feed, event, refilled=True)
