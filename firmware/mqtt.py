"""A small MQTT 3.1.1 client: QoS 0, clean session, a will. It promises nothing but to notice.

Goals: never hang (each await has its own limit, a link that is silent for one keepalive is
dead), never hold more than a bounded amount, back at once when a press hurries it.
The guarantee is elsewhere: reports are repeated until the hub's receipt.
Source of the packets: OASIS MQTT 3.1.1, sections 2 and 3.
"""

import asyncio

from firmware.compat import SteadyClock
from protocol.compat import const

_CONNECT_S = const(3)  # TCP, and then the broker's answer to a login and to a subscription
_PACKET_BYTES = const(8192)  # a longer one ends the link
_QUEUE_BYTES = const(32768)  # waiting behind a slow link; more is not taken
_FIRST_MS = const(1000)  # back-off
_MOST_MS = const(30000)
_REST_MS = const(250)  # between two attempts, however often a press hurries
_STEADY_MS = const(10000)  # a link that lasted so long begins its back-off anew

FAILURES = (OSError, EOFError, asyncio.TimeoutError, ValueError)

_CONNECT = const(0x10)
_CONNACK = const(0x20)
_PUBLISH = const(0x30)
_SUBSCRIBE = const(0x82)
_SUBACK = const(0x90)
_PINGREQ = const(0xC0)
_REFUSALS = {1: "protocol level", 2: "client id", 3: "server unavailable"}


class LoginRefusedError(ValueError):
    """The broker knows neither this user nor this password."""


def _text(text):
    data = text if isinstance(text, bytes) else text.encode()
    return bytes((len(data) >> 8, len(data) & 255)) + data


def packet(kind, body):
    head = bytearray((kind,))
    length = len(body)
    while True:
        digit = length & 127
        length >>= 7
        head.append(digit | 128 if length else digit)
        if not length:
            return bytes(head) + body


def connect_packet(client, user, password, will, keepalive_s):
    """`will`: (topic, payload bytes)."""
    flags = 0xC0 | 0x04 | 0x02  # user, password, will, clean session
    body = _text("MQTT") + bytes((4, flags, keepalive_s >> 8, keepalive_s & 255))
    body += _text(client) + _text(will[0]) + _text(will[1]) + _text(user) + _text(password)
    return packet(_CONNECT, body)


class Link:
    """One broker. `open(host, port)` -> (reader, writer); `login`: (user, password), the user is
    the client id too; `heard(topic, payload)`, `changed(up)`, `refused()` are called back."""

    def __init__(self, open, host, port, login, will, subscription, jitter, keepalive_s=10):
        self.open = open
        self.host = host
        self.port = port
        self.login = login
        self.will = will
        self.subscription = subscription
        self.jitter = jitter
        self.keepalive_s = keepalive_s
        self.clock = SteadyClock()
        self.heard = self.changed = self.refused = None
        self.up = False
        self.reason = ""  # why the last session ended
        self.dropped = 0  # packets that a slow link had no room for
        self.hurried = asyncio.Event()
        self.flush = asyncio.Event()
        self._reset(None)

    def _reset(self, writer):
        self.writer = writer
        self.queue = []
        self.queued = 0
        self.draining = False
        self.failure = None
        self.sent_ms = self.heard_ms = self.clock.now_ms()

    def hurry(self):
        """A press: do not wait for the back-off to end."""
        if not self.up:
            self.hurried.set()

    def publish(self, topic, payload):
        """Hand it to the link at once. False: it is down, or has no room."""
        return self.up and self._write(packet(_PUBLISH, _text(topic) + payload))

    async def run(self):
        """Keep the link up, for ever."""
        wait_ms = _FIRST_MS
        while True:
            began_ms = self.clock.now_ms()
            try:
                await self._session()
            except LoginRefusedError as error:
                self.reason = str(error)
                self.refused()
            except FAILURES as error:
                self.reason = str(error) or type(error).__name__
            if self.clock.now_ms() - began_ms >= _STEADY_MS:
                wait_ms = _FIRST_MS
            await self._rest(int(wait_ms * (0.5 + 0.5 * self.jitter())))
            wait_ms = min(wait_ms * 2, _MOST_MS)

    async def _rest(self, wait_ms):
        await asyncio.sleep(_REST_MS / 1000)
        try:
            await asyncio.wait_for(self.hurried.wait(), max(wait_ms - _REST_MS, 1) / 1000)
        except asyncio.TimeoutError:
            return
        self.hurried.clear()

    async def _session(self):
        opening = self.open(self.host, self.port)
        reader, writer = await asyncio.wait_for(opening, _CONNECT_S)
        keeper = None
        try:
            self._reset(writer)
            await self._log_in(reader, writer)
            self.up = True
            self.hurried.clear()
            keeper = asyncio.create_task(self._keep_alive())
            self.changed(True)
            while True:
                self._take(*await self._packet(reader, self.keepalive_s))
        finally:
            if keeper:
                keeper.cancel()
            if self.up:
                self.up = False
                self.changed(False)
            await _close(writer)

    async def _log_in(self, reader, writer):
        user, password = self.login
        writer.write(connect_packet(user, user, password, self.will, self.keepalive_s))
        await asyncio.wait_for(writer.drain(), _CONNECT_S)
        kind, body = await asyncio.wait_for(self._packet(reader, _CONNECT_S), _CONNECT_S)
        if kind != _CONNACK or len(body) != 2:
            raise ValueError("the broker did not answer the login")
        if body[1] in (4, 5):
            raise LoginRefusedError("the broker refuses the login of " + user)
        if body[1]:
            raise ValueError("the broker refuses: " + _REFUSALS.get(body[1], str(body[1])))
        writer.write(packet(_SUBSCRIBE, b"\0\1" + _text(self.subscription) + b"\0"))
        await asyncio.wait_for(writer.drain(), _CONNECT_S)
        kind, body = await asyncio.wait_for(self._packet(reader, _CONNECT_S), _CONNECT_S)
        if kind != _SUBACK or body[2:] != b"\0":
            raise ValueError("the broker refuses the subscription to " + self.subscription)

    async def _packet(self, reader, limit_s):
        """(first byte, body) of the next packet."""
        first = await asyncio.wait_for(reader.readexactly(1), limit_s)
        length = shift = 0
        while True:
            digit = (await asyncio.wait_for(reader.readexactly(1), limit_s))[0]
            length |= (digit & 127) << shift
            shift += 7
            if not digit & 128:
                break
            if shift > 21:
                raise ValueError("a packet's length has no end")
        if length > _PACKET_BYTES:
            raise ValueError("a packet of %d bytes, at most %d" % (length, _PACKET_BYTES))
        body = b""
        if length:
            body = await asyncio.wait_for(reader.readexactly(length), limit_s)
        self.heard_ms = self.clock.now_ms()
        return first[0], body

    def _take(self, kind, body):
        if self.failure:
            raise OSError(self.failure)
        if kind & 0xF0 != _PUBLISH:
            return  # PINGRESP: that it came was all
        if kind & 0x06:
            raise ValueError("a message above QoS 0 that nobody asked for")
        end = 2 + (body[0] << 8 | body[1]) if len(body) >= 2 else 0
        if not 2 < end <= len(body):
            raise ValueError("a message without a topic")
        self.heard(str(body[2:end], "utf-8"), body[end:])

    def _write(self, data):
        if self.queued + len(data) > _QUEUE_BYTES or self.failure:
            self.dropped += 1
            return False
        self.sent_ms = self.clock.now_ms()
        self.queued += len(data)
        if self.draining:
            self.queue.append(data)
            return True
        try:
            self.writer.write(data)  # the socket has it before this returns, if it has room
        except OSError as error:
            self.failure = str(error)
            return False
        self.flush.set()
        return True

    async def _keep_alive(self):
        """Drain what was written, and ping a silent link."""
        half_ms = self.keepalive_s * 500
        pinged_ms = 0
        try:
            while True:
                try:
                    await asyncio.wait_for(self.flush.wait(), self.keepalive_s / 4)
                    self.flush.clear()
                    await self._drain()
                except asyncio.TimeoutError:
                    if self.draining:
                        raise
                now_ms = self.clock.now_ms()
                silent = now_ms - min(self.sent_ms, self.heard_ms) >= half_ms
                if silent and now_ms - pinged_ms >= half_ms:
                    pinged_ms = now_ms
                    self._write(packet(_PINGREQ, b""))
        except FAILURES as error:
            self.failure = str(error) or "the link takes nothing any more"

    async def _drain(self):
        # nothing may be written to a stream that is draining: MicroPython's would lose it
        while True:
            self.draining = True
            await asyncio.wait_for(self.writer.drain(), self.keepalive_s)
            self.draining = False
            if not self.queue:
                self.queued = 0
                return
            queue, self.queue = self.queue, []
            for data in queue:
                self.writer.write(data)


async def _close(writer):
    try:
        writer.close()
        await asyncio.wait_for(writer.wait_closed(), 1)
    except FAILURES:
        return  # it was broken already
