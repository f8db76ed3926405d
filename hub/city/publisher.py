"""The feed on MQTT: QoS 1 from a cursor that the PUBACK moves; `head` retained.

After a broken link it begins again at the first event without a PUBACK: that one may come twice
under its id, nothing else ever does.
"""

import json
import sqlite3
from collections.abc import Callable

from hub.city import feed
from hub.events import CityTold, Event
from hub.link import Link
from protocol.topics import city_topic

IN_FLIGHT = 200
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
        self.waiting: dict[int, tuple[str, int]] = {}  # message id -> (topic, sequence)
        self.head_said = ""

    def connected(self, link: Link) -> None:
        """A new connection: from the cursor on, and the head."""
        self.link = link
        self.waiting.clear()
        cursors = dict(self.reader.execute("SELECT topic, sequence FROM cursors"))
        self.sent = {topic: cursors.get(topic, 0) for topic in TOPICS}
        self.head_said = ""
        self.push()
        self.say_head()

    def push(self) -> None:
        """Send what the feed has beyond what was sent, as far as the window allows."""
        for topic in TOPICS if self.link and self.link.up else ():
            room = IN_FLIGHT - len(self.waiting)
            for event in feed.events(self.reader, topic, self.sent[topic], max(room, 0)):
                payload = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
                mid = self.link.publish(city_topic(self.district, topic), payload, qos=1)  # type: ignore[union-attr]
                if mid is None:
                    return
                self.sent[topic] = int(event["sequence"])
                self.waiting[mid] = (topic, self.sent[topic])

    def acknowledged(self, mid: int) -> None:
        """A PUBACK: the cursor is below the lowest that still waits."""
        done = self.waiting.pop(mid, None)
        if done is None:
            return
        topic, sequence = done
        lowest = min((s for t, s in self.waiting.values() if t == topic), default=None)
        if lowest is None or sequence < lowest:
            self.put(CityTold(topic, self.sent[topic] if lowest is None else lowest - 1))
        self.push()

    def say_head(self) -> None:
        """Retained, so that whoever comes late knows what it has missed."""
        if self.link is None or not self.link.up:
            return
        said = json.dumps(feed.head(self.reader))
        if said != self.head_said:
            topic = city_topic(self.district, "head")
            if self.link.publish(topic, said.encode(), qos=1, retain=True) is not None:
                self.head_said = said
