"""One MQTT connection, paho driven by the hub's own asyncio loop: no thread but for connect().

QoS 0 to boards; the feed's QoS 1 is the publisher's own matter. Every connection is a fresh
client with a clean session, so nothing of an earlier one is ever sent again behind our back.
"""

import asyncio
import logging
import secrets
import select
import socket
from collections.abc import Callable, Sequence
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

log = logging.getLogger("qianshao.link")

KEEPALIVE_S = 3  # silent so long: pinged; no answer for as long again: the broker is frozen
LOOK_S = 0.5
CONNECT_S = 2.0
CONNACK_S = 3.0
AGAIN_S = (0.1, 0.5, 1.0, 2.0)
PACKETS = 50  # read in one turn of the loop, if so many have come


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
        self.connection: _Connection | None = None

    @property
    def up(self) -> bool:
        """Whether what is published now has somewhere to go."""
        return self.connection is not None

    async def run(self) -> None:
        """Connect, live, connect again, until cancelled."""
        failures = 0
        while True:
            connection = _Connection(self)
            try:
                if await connection.open():
                    failures = 0
                    await self._live(connection)
            finally:
                connection.close()
            await asyncio.sleep(AGAIN_S[min(failures, len(AGAIN_S) - 1)])
            failures += 1

    async def _live(self, connection: "_Connection") -> None:
        for topic in self.subscriptions:
            connection.client.subscribe(topic, 1)
        self.connection = connection
        try:
            self.changed(True)
            await connection.live()
        finally:
            self.connection = None
            self.changed(False)

    def publish(
        self, topic: str, payload: bytes, qos: int = 0, retain: bool = False
    ) -> int | None:
        """The message's id, or None when the link is down and nothing was sent."""
        if self.connection is None:
            return None
        info = self.connection.client.publish(topic, payload, qos, retain)
        return info.mid if info.rc == mqtt.MQTT_ERR_SUCCESS else None


class _Connection:
    """One client from its connect to its end; nothing of it can touch the one after it."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.loop = asyncio.get_running_loop()
        self.over = asyncio.Event()
        self.accepted = asyncio.Event()
        self.watched: socket.socket | None = None  # the loop reads and writes for it
        self.readable = select.poll()
        # a name that nobody can guess, and so take, which would cut this connection
        client_id = f"{link.user}-{secrets.token_hex(8)}"
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv311
        )
        client.max_inflight_messages_set(0)
        client.username_pw_set(link.user, link.password)
        client.connect_timeout = CONNECT_S
        client.on_socket_open = _send_at_once
        client.on_socket_close = lambda *_: self._ended()
        client.on_socket_register_write = lambda *_: self._wants_write()
        client.on_socket_unregister_write = lambda *_: self._wrote()
        client.on_connect = self._connected
        client.on_message = lambda _client, _data, m: link.heard(m.topic, bytes(m.payload))
        self.client = client

    async def open(self) -> bool:
        """Whether the broker has accepted us. connect() blocks, so a thread waits for it; the
        loop takes the socket only once it is back."""
        connecting = asyncio.create_task(
            asyncio.to_thread(self.client.connect, self.link.host, self.link.port, KEEPALIVE_S)
        )
        try:
            await asyncio.wait([connecting])
        except asyncio.CancelledError:
            await asyncio.wait([connecting])  # nothing else may touch the client meanwhile
            raise
        finally:
            error = connecting.exception()
        sock: Any = self.client.socket()
        if error or sock is None:
            log.debug("no connection to %s:%s: %s", self.link.host, self.link.port, error)
            return False
        self.watched = sock
        self.readable.register(sock, select.POLLIN)
        self.loop.add_reader(sock, self._guarded, self._read)
        if self.client.want_write():
            self._wants_write()
        try:
            async with asyncio.timeout(CONNACK_S):  # wait_for of 3.11 may swallow a cancellation
                await self.accepted.wait()
        except TimeoutError:
            return False
        return not self.over.is_set()

    async def live(self) -> None:
        """Until the connection is over, by either end or by silence."""
        while not self.over.is_set():
            try:
                async with asyncio.timeout(LOOK_S):
                    await self.over.wait()
            except TimeoutError:
                self._guarded(self.client.loop_misc)

    def close(self) -> None:
        """What is queued leaves as far as the socket takes it at once; nobody is called back."""
        self._unwatch()
        client = self.client
        client.on_socket_close = client.on_socket_register_write = None
        client.on_socket_unregister_write = client.on_message = client.on_publish = None
        client.disconnect()
        client.loop_write()
        sock: Any = client.socket()
        if sock is not None:
            sock.close()

    def _read(self) -> None:
        # only for as long as a PUBACK may come: paho would make up this callback's arguments,
        # dearer than the sending itself, for every message of QoS 0 that it writes
        self.client.on_publish = self._acknowledged
        for _ in range(PACKETS):  # paho reads one a call: a burst needs no turn for each
            self.client.loop_read()
            if self.watched is None or not self.readable.poll(0):
                break
        self.client.on_publish = None

    def _acknowledged(self, _c: mqtt.Client, _d: Any, mid: int, *_: Any) -> None:
        self.link.acknowledged(mid)

    def _guarded(self, work: Callable[[], object]) -> None:
        """An error on the way of one message must not leave paho in the middle of a packet: the
        connection begins anew."""
        try:
            work()
        except Exception:
            log.exception("the link to the broker begins anew")
            self.over.set()

    def _connected(self, _c: mqtt.Client, _d: Any, _f: Any, reason: Any, _p: Any) -> None:
        if reason.is_failure:
            log.error("the broker refuses %s: %s", self.link.user, reason)
            self.over.set()
        self.accepted.set()

    def _ended(self) -> None:
        if self.watched is not None:  # else it is the connecting thread that closes it
            self._unwatch()
            self.over.set()
            self.accepted.set()

    def _wants_write(self) -> None:
        if self.watched is not None:
            self.loop.add_writer(self.watched, self._guarded, self.client.loop_write)

    def _wrote(self) -> None:
        if self.watched is not None:
            self.loop.remove_writer(self.watched)

    def _unwatch(self) -> None:
        if self.watched is not None:
            self.loop.remove_reader(self.watched)
            self.loop.remove_writer(self.watched)
            self.watched = None


def _send_at_once(_client: mqtt.Client, _data: Any, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
