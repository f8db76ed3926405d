"""Home Assistant's MQTT discovery: the status of boards, for a house that has such a panel anyway.

Only whether a board is online, has mains and a good battery; never a press, and nothing of covert
or restricted sites. Off by default. What it is told to show (the retained configurations) stands
on the subscribers' listener and is taken back when it is switched off or a board is gone; what it
shows becomes unavailable by itself when this hub is silent. What was told under another prefix is
taken back too.
"""

import json
import re
import sqlite3
from collections.abc import Callable
from typing import Any

from hub.core import Registry
from hub.settings import PREFIX_PARTS, HomeAssistant, Settings
from protocol.topics import ROOT

AGAIN_S = 60  # every state is said again
EXPIRES_S = 180  # and holds for so long
# what is shown -> (its name, Home Assistant's own class of sensor)
SENSORS = {
    "online": ("在线", "connectivity"),
    "mains": ("市电", "power"),
    "battery": ("电池", "battery"),  # its class says ON for a battery that is low
}

# of one part or of as many as a prefix may have: under which one the hub told of boards before is
# not on record, but the broker still has what it told
ANY_PREFIX = tuple("/".join("+" * parts) for parts in range(1, PREFIX_PARTS + 1))
SUBSCRIPTIONS = tuple(f"{each}/binary_sensor/+/+/config" for each in ANY_PREFIX)

Publish = Callable[[str, bytes, int, bool], int | None]


def shown(registry: Registry) -> list[str]:
    """The boards that may be told of."""
    return [
        board
        for board in registry.boards()
        if (facts := registry.board(board))
        and not facts.get("covert")
        and not facts.get("restricted")
    ]


def configurations(settings: Settings, registry: Registry) -> dict[str, bytes]:
    """Topic -> what Home Assistant is to show there; nothing while it is switched off."""
    if not settings.home_assistant.enabled:
        return {}
    told: dict[str, bytes] = {}
    for board in shown(registry):
        facts = registry.board(board) or {}
        node = f"qianshao-{settings.district}-{board}"
        device = {"identifiers": [node], "name": f"{facts['site_name']} {board}"}
        for what, (name, sensor) in SENSORS.items():
            value: dict[str, Any] = {
                "name": name,
                "unique_id": f"{node}-{what}",
                "device_class": sensor,
                "state_topic": state_topic(settings.district, board),
                "value_template": f"{{{{ value_json.{what} }}}}",
                "expire_after": EXPIRES_S,
                "device": device,
            }
            topic = f"{settings.home_assistant.prefix}/binary_sensor/{node}/{what}/config"
            told[topic] = json.dumps(value, ensure_ascii=False).encode()
    return told


def states(settings: Settings, registry: Registry, reader: sqlite3.Connection) -> dict[str, bytes]:
    """Topic -> {online, mains, battery: ON | OFF}; a board that was never heard has none."""
    if not settings.home_assistant.enabled:
        return {}
    here = dict(reader.execute("SELECT board, state FROM equipment").fetchall())
    wrong = {
        tuple(row) for row in reader.execute("SELECT board, what FROM conditions WHERE wrong")
    }
    told: dict[str, bytes] = {}
    for board in shown(registry):
        if board in here:
            value = {
                "online": here[board] == "here",
                "mains": (board, "mains") not in wrong,
                "battery": (board, "battery") in wrong,
            }
            text = json.dumps({what: "ON" if on else "OFF" for what, on in value.items()})
            told[state_topic(settings.district, board)] = text.encode()
    return told


def state_topic(district: str, board: str) -> str:
    """Where a board's status stands; not retained."""
    return f"{ROOT}/{district}/home_assistant/{board}"


def rules(district: str, settings: HomeAssistant) -> tuple[str, str]:
    """Mosquitto's rules: (the hub's, the account's of Home Assistant). The hub's hold below any
    prefix: what it told under an older one must be cleared."""
    prefix = settings.prefix
    hub = "".join(f"topic readwrite {each}/binary_sensor/#\n" for each in ANY_PREFIX)
    reads = f"topic read {prefix}/#\ntopic read {ROOT}/{district}/home_assistant/#\n"
    return hub, f"{reads}topic write {prefix}/status\n"


class HomeAssistantLink:
    """Keeps the broker as the registry is. `publish` as `hub.link.Link`'s."""

    def __init__(
        self, settings: Settings, registry: Registry, reader: sqlite3.Connection, publish: Publish
    ) -> None:
        self.settings = settings
        self.registry = registry
        self.reader = reader
        self.publish = publish
        names = "|".join(SENSORS)
        self.ours = re.compile(
            rf".+/binary_sensor/qianshao-{settings.district}-[^/]+/({names})/config"
        )
        self.wanted: dict[str, bytes] = {}
        self.standing: dict[str, bytes] = {}  # what the broker retains of ours, as far as heard
        self.said: dict[str, bytes] = {}
        self.stale = True  # a board's status may have changed

    def connected(self) -> None:
        """A new connection: what stands there comes by itself, from the subscription."""
        self.standing.clear()
        self.said.clear()
        self.offer()
        self.say(again=True)

    def heard(self, topic: str, payload: bytes) -> bool:
        """-> whether the topic is one of its own. What stands there and should not is cleared."""
        if not self.ours.fullmatch(topic):
            return False
        if payload:
            self.standing[topic] = payload
            if topic not in self.wanted:
                self._clear(topic)
        else:
            self.standing.pop(topic, None)
        return True

    def offer(self) -> None:
        """What there is to show, after each change of the registry."""
        self.wanted = configurations(self.settings, self.registry)
        for topic in self.standing.keys() - self.wanted.keys():
            self._clear(topic)
        for topic, payload in self.wanted.items():
            stands = self.standing.get(topic) == payload
            if not stands and self.publish(topic, payload, 0, True) is not None:
                self.standing[topic] = payload
        self.stale = True

    def say(self, again: bool = False) -> None:
        """The states that have changed; `again`: all."""
        if not self.stale and not again:
            return
        self.stale = False
        for topic, payload in states(self.settings, self.registry, self.reader).items():
            old = self.said.get(topic) == payload and not again
            if not old and self.publish(topic, payload, 0, False) is not None:
                self.said[topic] = payload

    def _clear(self, topic: str) -> None:
        if self.publish(topic, b"", 0, True) is not None:
            self.standing.pop(topic, None)
