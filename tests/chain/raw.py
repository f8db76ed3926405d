"""A raw MQTT client with some account of the broker: what a board, a thief, the city may send."""

import json
import secrets
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from hub import broker
from protocol.topics import board_topic
from tests.chain.town import DISTRICT, Town, until


class Raw:
    """Connected when it is made, or `refused` is true. `heard`: (seconds, topic, payload)."""

    def __init__(
        self,
        port: int,
        user: str,
        password: str,
        will: tuple[str, bytes] | None = None,
        subscriptions: tuple[str, ...] = (),
        client_id: str = "",
    ) -> None:
        self.heard: list[tuple[float, str, bytes]] = []
        self.retained: list[str] = []
        self.lost = threading.Event()
        self.answered = threading.Event()
        self.granted = threading.Event()
        self.refused = False
        self.boot = secrets.token_hex(8)
        self.number = 0
        self.user = user
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id or f"raw-{secrets.token_hex(6)}",
            protocol=mqtt.MQTTv311,
            reconnect_on_failure=False,
        )
        self.client.username_pw_set(user, password)
        if will:
            self.client.will_set(*will)
        self.client.max_inflight_messages_set(0)
        self.client.on_connect = self._connected
        self.client.on_disconnect = lambda *_: self.lost.set()
        self.client.on_subscribe = lambda *_: self.granted.set()
        self.client.on_message = self._message
        self.subscriptions = subscriptions
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert self.answered.wait(10)
        if subscriptions and not self.refused:
            assert self.granted.wait(10)

    def _connected(self, _client: Any, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        self.refused = reason.is_failure
        if self.refused:
            self.client.disconnect()
        elif self.subscriptions:
            self.client.subscribe([(topic, 1) for topic in self.subscriptions])
        self.answered.set()

    def _message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        if message.retain:
            self.retained.append(message.topic)
        self.heard.append((time.monotonic(), message.topic, bytes(message.payload)))

    def send(self, topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> None:
        self.client.publish(topic, payload, qos, retain)

    def up(self, message: str, payload: bytes, board: str = "") -> None:
        """As the board that it is, or claims to be."""
        self.send(board_topic(DISTRICT, board or self.user, "up", message), payload)

    def report(self, kind: str = "alarm", number: int = 0, **more: Any) -> int:
        """A good report, under its next number. -> the number."""
        self.number = number or self.number + 1
        name = {"boot": self.boot, "number": self.number, "kind": kind}
        self.up("report", json.dumps({**name, "age_ms": 0, "reboots": 0, **more}).encode())
        return self.number

    def receipts(self) -> list[tuple[float, dict[str, Any]]]:
        """(when it came, receipt), oldest first."""
        return [
            (at, json.loads(payload))
            for at, topic, payload in self.heard.copy()
            if topic.endswith("/down/receipt")
        ]

    def answers(self, number: int) -> list[str]:
        """What the hub has answered to that report, oldest first."""
        return [r["answer"] for _, r in self.receipts() if r["number"] == number]

    def stored(self, number: int, seconds: float = 10.0) -> None:
        """Wait for its receipt."""
        until(lambda: "stored" in self.answers(number), seconds)

    def break_off(self) -> None:
        """The line is gone, and no word of farewell: the broker has the will to send."""
        sock: Any = self.client.socket()
        sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def as_board(town: Town, board: str, **more: Any) -> Raw:
    """With the board's own credentials, on the boards' own listener."""
    password = town.folder.board_password(board, 1)
    topic = board_topic(DISTRICT, board, "down", "#")
    return Raw(town.ports["board"], board, password, subscriptions=(topic,), **more)


def as_city(town: Town, *subscriptions: str, **more: Any) -> Raw:
    """With the account of the city's systems."""
    password = broker.secret(town.folder, broker.CITY_USER)
    return Raw(town.ports["mqtt"], broker.CITY_USER, password, subscriptions=subscriptions, **more)


def as_hub(town: Town, *subscriptions: str) -> Raw:
    """With the hub's own account: it hears what reaches the hub."""
    password = broker.secret(town.folder, broker.HUB_USER)
    return Raw(town.ports["mqtt"], broker.HUB_USER, password, subscriptions=subscriptions)


def quiet(condition: Callable[[], bool], seconds: float = 0.7) -> None:
    """The test fails when the condition becomes true within that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert not condition()
        time.sleep(0.02)
