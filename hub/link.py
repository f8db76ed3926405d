"""One MQTT connection, paho driven by the hub's own asyncio loop: no thread but for connect().

QoS 0 to boards; the feed's QoS 1 is the publisher's own matter. Every connection is a fresh
client with a clean session, so nothing of an earlier one is ever sent again behind our back.
"""

import asyncio
import logging
import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

log = logging.getLogger("qianshao.link")

KEEPALIVE_S = 5  # a frozen broker is noticed at 1.5 of it
CONNACK_S = 3.0
AGAIN_S = (0.1, 0.5, 1.0, 2.0)


class Link:
    """`heard(topic, payload)` for each message; `changed(up)` when the connection comes or goes;
    `acknowledged(mid)` for each PUBACK. All are called on the loop."""

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        password: str,
        subscriptions: Sequence[str],
        heard: Callable[[str, bytes], None],
        changed: Callable[[bool], None] = lambda up: None,
        acknowledged: Callable[[int], None] = lambda mid: None,
    ) -> None:
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.subscriptions = subscriptions
        self.heard = heard
        self.changed = changed
        self.acknowledged = acknowledged
        self.client: mqtt.Client | None = None
        self.loop = asyncio.get_running_loop()
        self.thread = threading.get_ident()
        self.up = False
        self._over = asyncio.Event()
        self._accepted = asyncio.Event()

    async def run(self) -> None:
        """Connect, live, connect again, until cancelled."""
        failures = 0
        while True:
            try:
                if await self._connect():
                    failures = 0
                    await self._live()
            finally:
                self._drop()
            await asyncio.sleep(AGAIN_S[min(failures, len(AGAIN_S) - 1)])
            failures += 1

    def publish(
        self, topic: str, payload: bytes, qos: int = 0, retain: bool = False
    ) -> int | None:
        """The message's id, or None when the link is down and nothing was sent."""
        if not self.up or self.client is None:
            return None
        info = self.client.publish(topic, payload, qos, retain)
        return info.mid if info.rc == mqtt.MQTT_ERR_SUCCESS else None

    async def _connect(self) -> bool:
        self._over.clear()
        self._accepted.clear()
        # a name that nobody can guess, and so take, which would cut this connection
        client_id = f"{self.user}-{secrets.token_hex(8)}"
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv311
        )
        client.max_inflight_messages_set(0)
        client.username_pw_set(self.user, self.password)
        client.connect_timeout = 2.0
        client.on_socket_open = self._socket_opened
        client.on_socket_close = self._socket_closed
        client.on_socket_register_write = self._wants_write
        client.on_socket_unregister_write = self._wrote
        client.on_connect = self._connected
        client.on_disconnect = lambda *_: self._soon(self._over.set)
        client.on_message = lambda _client, _data, m: self.heard(m.topic, bytes(m.payload))
        client.on_publish = lambda _client, _data, mid, *_: self.acknowledged(mid)
        self.client = client
        try:
            await asyncio.to_thread(client.connect, self.host, self.port, KEEPALIVE_S)
            await asyncio.wait_for(self._accepted.wait(), CONNACK_S)
        except (OSError, TimeoutError, ValueError) as error:
            log.debug("no connection to %s:%s: %s", self.host, self.port, error)
            return False
        return not self._over.is_set()

    async def _live(self) -> None:
        assert self.client is not None
        for topic in self.subscriptions:
            self.client.subscribe(topic, 1)
        self.up = True
        self.changed(True)
        while not self._over.is_set():
            try:
                await asyncio.wait_for(self._over.wait(), 0.5)
            except TimeoutError:
                self.client.loop_misc()

    def _drop(self) -> None:
        client, self.client = self.client, None
        if client is not None:
            client.on_disconnect = None
            client.disconnect()
            client.loop_write()  # what is queued, as far as the socket takes it at once
            sock: Any = client.socket()
            if sock is not None:
                self.loop.remove_reader(sock)
                self.loop.remove_writer(sock)
                sock.close()
        if self.up:
            self.up = False
            self.changed(False)

    def _soon(self, call: Callable[[], Any]) -> None:
        """connect() runs in a thread of its own; everything else is on the loop already."""
        if threading.get_ident() == self.thread:
            call()
        else:
            self.loop.call_soon_threadsafe(call)

    def _socket_opened(self, client: mqtt.Client, _data: Any, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._soon(lambda: self.loop.add_reader(sock, client.loop_read))

    def _socket_closed(self, _client: mqtt.Client, _data: Any, sock: Any) -> None:
        if sock.fileno() >= 0:
            self._soon(lambda: self.loop.remove_reader(sock))
            self._soon(lambda: self.loop.remove_writer(sock))
        self._soon(self._over.set)

    def _wants_write(self, client: mqtt.Client, _data: Any, sock: Any) -> None:
        self._soon(lambda: self.loop.add_writer(sock, client.loop_write))

    def _wrote(self, _client: mqtt.Client, _data: Any, sock: Any) -> None:
        if sock.fileno() >= 0:
            self._soon(lambda: self.loop.remove_writer(sock))

    def _connected(
        self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if reason.is_failure:
            log.error("the broker refuses %s: %s", self.user, reason)
            self._over.set()
        self._accepted.set()
