"""The feed on MQTT: QoS 1 from a cursor that the PUBACK moves; `head` retained.

After a broken link it begins again at the first event without a PUBACK: that one may come twice
under its id, nothing else ever does.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable

from hub.city import feed
from hub.events import CityTold, Event
from hub.link import Link
from protocol.topics import city_topic

IN_FLIGHT = 200
GATHER_S = 0.05
TOPICS = ("alarm", "exercise")


class Publisher:
    """Lives on the loop; `reader` is a read-only connection."""

    def __init__(
        self, reader: sqlite3.Connection, district: str, put: Callable[[Event], None]
    ) -> None:
        self.reader = reader
        self.district = district
        self.put = put
        self.link: Link | None = None
        self.sent: dict[str, int] = {}  # topic -> last sequence handed to the link
        self.told: dict[str, int] = {}  # topic -> last sequence up to which all are acknowledged
        self.waiting: dict[int, tuple[str, int]] = {}  # message id -> (topic, sequence)
        self.behind = False  # the feed may have more than the window had room for
        self.gathering: asyncio.TimerHandle | None = None
        self.head_said = ""

    def connected(self, link: Link) -> None:
        """A new connection: from the cursor on, and the head."""
        self.link = link
        self.waiting.clear()
        cursors = dict(self.reader.execute("SELECT topic, sequence FROM cursors"))
        self.sent = {
            topic: max(cursors.get(topic, 0), self.told.get(topic, 0)) for topic in TOPICS
        }
        self.head_said = ""
        self.push()
        self.say_head()

    def push(self) -> None:
        """Send what the feed has beyond what was sent, as far as the window allows."""
        link = self.link
        if link is None or not link.up:
            return
        for topic in TOPICS:
            room = IN_FLIGHT - len(self.waiting)
            if room <= 0:
                break
            for sequence, event in feed.events(self.reader, topic, self.sent[topic], room):
                mid = link.publish(city_topic(self.district, topic), event.encode(), qos=1)
                if mid is None:
                    return
                self.sent[topic] = sequence
                self.waiting[mid] = (topic, sequence)
        self.behind = len(self.waiting) >= IN_FLIGHT

    def acknowledged(self, mid: int) -> None:
        """A PUBACK: the cursor is below the lowest that waits. A burst of them is one fact."""
        done = self.waiting.pop(mid, None)
        if done is None:
            return
        if self.gathering is None:
            self.gathering = asyncio.get_running_loop().call_later(GATHER_S, self._tell)
        if self.behind and len(self.waiting) <= IN_FLIGHT // 2:
            self.push()

    def _tell(self) -> None:
        self.gathering = None
        for topic, sent in self.sent.items():
            lowest = min((s for t, s in self.waiting.values() if t == topic), default=sent + 1)
            if lowest - 1 > self.told.get(topic, 0):
                self.told[topic] = lowest - 1
                self.put(CityTold(topic, lowest - 1))

    def say_head(self) -> None:
        """Retained, so that whoever comes late knows what it has missed."""
        if self.link is None or not self.link.up:
            return
        said = json.dumps(feed.head(self.reader))
        if said != self.head_said:
            topic = city_topic(self.district, "head")
            if self.link.publish(topic, said.encode(), qos=1, retain=True) is not None:
                self.head_said = said
