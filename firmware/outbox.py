"""The outbox: what a board felt, kept in flash until its space is needed.

Goals: a cut at any byte of any write loses nothing that was whole before it; one bad byte never
hides a whole record behind it; space goes to what waits, never the other way round.
Result: append-only files of one erase block, oldest first by name. A record:

    magic 1 | length 2 | crc32 4 | kind 1 | state 1 | boot 8 | number 4 | payload

(big-endian; length and crc cover kind..payload). A press is a record of its kind; what becomes
of it is a later record without payload, a mark. When blocks run out, what still matters in the
oldest file is copied forward, each copy with its state, and only then the file is removed: a cut
between leaves the same name twice, which is one.
"""

import binascii
import errno
import json
import struct

from firmware.compat import ENOSPC
from firmware.reports import FOLLOWED, MOST_FOLLOWED
from protocol.compat import const, dumps

LIMITS = {"block_bytes": 4096, "blocks": 32}

_MAGIC = const(0xA7)
_HEAD = const(">BHI")
_HEAD_BYTES = const(7)
_BODY = const(">BB8sI")
_BODY_BYTES = const(14)
_KINDS = (  # flash of older boards holds their letters: new ones come last
    "alarm",
    "hold",
    "duress",
    "withdraw",
    "test",
    "answer",
    "status",
    "abnormal",
    "allwell",
)
_KIND_LETTERS = b"AHDWTNSBL"
_STATES = ("saved", "stored", "refused", "closed")  # a later one is never taken back
_STATE_LETTERS = b"-src"
_MARK = const(0x6D)  # m, in place of a kind

FIRST_OUT = "status"  # the only kind that may be given up undelivered


def pack(kind, state, name, payload):
    """One record as bytes; a mark has no kind."""
    letter = _KIND_LETTERS[_KINDS.index(kind)] if kind else _MARK
    state_letter = _STATE_LETTERS[_STATES.index(state)]
    boot = binascii.unhexlify(name[0])
    body = struct.pack(_BODY, letter, state_letter, boot, name[1]) + payload
    return struct.pack(_HEAD, _MAGIC, len(body), binascii.crc32(body) & 0xFFFFFFFF) + body


def scan(data, torn=None):
    """Yield (at, size, kind or None for a mark, state, name, payload bytes) of whole records.

    What cannot be read is skipped byte by byte up to the next whole record; each such stretch
    is counted in `torn[0]`."""
    at = 0
    skipping = False
    while at < len(data):
        record = _record(data, at)
        if record:
            skipping = False
            yield record
            at += record[1]
        else:
            if not skipping and torn is not None:
                torn[0] += 1
            skipping = True
            at = data.find(bytes((_MAGIC,)), at + 1)
            if at < 0:
                return


def _record(data, at):
    if data[at] != _MAGIC or at + _HEAD_BYTES + _BODY_BYTES > len(data):
        return None
    _, length, crc = struct.unpack(_HEAD, data[at : at + _HEAD_BYTES])
    end = at + _HEAD_BYTES + length
    if length < _BODY_BYTES or end > len(data):
        return None
    body = data[at + _HEAD_BYTES : end]
    if binascii.crc32(body) & 0xFFFFFFFF != crc:
        return None
    letter, state_letter, boot, number = struct.unpack(_BODY, body[:_BODY_BYTES])
    kind = _KIND_LETTERS.find(bytes((letter,)))
    state = _STATE_LETTERS.find(bytes((state_letter,)))
    if state < 0 or (kind < 0 and letter != _MARK):
        return None
    name = (str(binascii.hexlify(boot), "ascii"), number)
    kind = _KINDS[kind] if kind >= 0 else None
    return at, end - at, kind, _STATES[state], name, body[_BODY_BYTES:]


def newer(state, other):
    """Of two states on record the one that stands."""
    return max(state, other, key=_STATES.index)


def final(kind, state):
    """Nothing more will be learnt of it."""
    return state in ("closed", "refused") or (state == "stored" and kind not in FOLLOWED)


class Live:
    """A record that is not final: where its newest copy lies."""

    def __init__(self, kind, state, place, size):
        self.kind = kind
        self.state = state
        self.place = place  # number of its file
        self.size = size


class Outbox:
    """`flash`: names() -> list, read(name) -> bytes, append(name, bytes) durable when it returns,
    remove(name); each may raise OSError. `torn`: stretches that could not be read at the start;
    `dropped`: status reports given up for want of room."""

    def __init__(self, flash, limits=LIMITS):
        self.flash = flash
        self.block_bytes = limits["block_bytes"]
        self.blocks = limits["blocks"]
        self.live = {}  # name -> Live
        self.boots = []  # in the order in which they were first seen
        self.dropped = 0
        self.used = 0  # of the newest file
        self.files = sorted(filter(None, [_place(name) for name in flash.names()]))
        torn = [0]
        for place in self.files:
            data = self._read(place)
            self.used = len(data)
            for _, size, kind, state, name, _ in scan(data, torn):
                self._replay(place, size, kind, state, name)
        self.torn = torn[0]

    # what the shell calls

    def replay(self, boot, most=96):
        """[(name, kind, state, payload, reboots)], oldest first, of what is not final: at most
        `most` without a receipt, presses before others, and the newest stored presses."""
        live = self._oldest_first()
        waiting = [item for item in live if item[1].state == "saved"]
        waiting.sort(key=lambda item: (item[1].kind not in FOLLOWED, self._age(item[0])))
        stored = [item for item in live if item[1].state == "stored"]
        wanted = dict(waiting[:most] + stored[-MOST_FOLLOWED:])
        records = []
        for place in self.files:
            for _, _, kind, _, name, payload in scan(self._read(place)):
                if kind and name in wanted and wanted[name].place == place:
                    record = wanted.pop(name)
                    records.append(self._told(name, kind, record.state, payload, boot))
        records.sort(key=lambda record: self._age(record[0]))
        return records

    def save(self, name, kind, payload):
        """Keep a report; it is durable when this returns. Raises OSError when it is not."""
        data = pack(kind, "saved", name, dumps(payload).encode())
        self._fit(len(data))
        place = self._append_twice(data)
        if name[0] not in self.boots:
            self.boots.append(name[0])
        self.live[name] = Live(kind, "saved", place, len(data))

    def mark(self, name, state):
        """Keep what became of it. Raises OSError; nothing is written that is known already.

        After a failure the report stands as it did: after a power cut it is offered again under
        its name, which the hub has already."""
        known = self.live.get(name)
        if known and newer(state, known.state) != known.state:
            self._append_twice(pack(None, state, name, b""))
            self._learn(name, state)

    def recall(self, position, boot, most=16):
        """(next position or None, records): all that is kept, also what is final, in portions;
        presses first. `position`: None for the first portion, then what the last one gave."""
        phase, from_place, from_at = position or (0, 0, 0)
        found = {}  # name -> [kind, state, payload]
        start = None
        while phase < 2:
            for place in self.files:
                if place < from_place:
                    continue
                for at, _, kind, state, name, payload in scan(self._read(place)):
                    if place == from_place and at < from_at:
                        continue
                    if kind is None or (kind in FOLLOWED) != (phase == 0):
                        continue
                    if name in self.live and self.live[name].place != place:
                        continue  # a copy lies in a later file
                    if len(found) >= most:
                        return (phase, place, at), self._with_marks(found, start, boot)
                    found[name] = [kind, state, payload]
                    start = place if start is None else min(start, place)
            phase, from_place, from_at = phase + 1, 0, 0
        return None, self._with_marks(found, start, boot)

    # reading

    def _replay(self, place, size, kind, state, name):
        if name[0] not in self.boots:
            self.boots.append(name[0])
        if kind is not None:
            known = self.live.get(name)
            if known:
                state = newer(state, known.state)
            self.live[name] = Live(kind, state, place, size)
        self._learn(name, state)

    def _learn(self, name, state):
        known = self.live.get(name)
        if known:
            known.state = newer(state, known.state)
            if final(known.kind, known.state):
                del self.live[name]

    def _with_marks(self, found, start, boot):
        for place in self.files:
            if not found or place < start:
                continue
            for _, _, kind, state, name, _ in scan(self._read(place)):
                if kind is None and name in found:
                    found[name][1] = newer(state, found[name][1])
            if all(final(kind, state) for kind, state, _ in found.values()):
                break
        records = [
            self._told(name, kind, state, payload, boot)
            for name, (kind, state, payload) in found.items()
        ]
        records.sort(key=lambda record: (record[1] not in FOLLOWED, self._age(record[0])))
        return records

    def _told(self, name, kind, state, payload, boot):
        try:
            value = json.loads(str(payload, "utf-8"))
        except ValueError:
            value = {}
        return name, kind, state, value, self._reboots(name[0], boot)

    def _reboots(self, boot, now_boot):
        """Starts seen after it; one that wrote nothing is not seen, so it is at least so many."""
        if boot == now_boot:
            return 0
        later = len(self.boots) - 1 - self.boots.index(boot)
        return later + (now_boot not in self.boots)

    def _oldest_first(self):
        """[(name, Live)]"""
        return sorted(self.live.items(), key=lambda item: self._age(item[0]))

    def _age(self, name):
        return self.boots.index(name[0]), name[1]

    def _read(self, place):
        try:
            return self.flash.read(_file(place))
        except OSError:
            return b""

    # writing

    def _append_twice(self, data):
        try:
            return self._append(data)
        except OSError as error:
            # once more, in a new file; a file system smaller than our limits gets a block back
            if error.args[:1] == (ENOSPC,) and len(self.files) > 1:
                self._reclaim()
            return self._append(data)

    def _append(self, data):
        """The number of the file it went to. After a failure the next one goes to a new file."""
        if not self.files or self.used + len(data) > self.block_bytes:
            self._make_room()
            self._begin_file()
        return self._write(data)

    def _begin_file(self):
        self.files.append(self.files[-1] + 1 if self.files else 1)
        self.used = 0

    def _write(self, data):
        place = self.files[-1]
        try:
            self.flash.append(_file(place), data)
        except OSError:
            if self.used:
                self.used = self.block_bytes  # what lies there may end in half a record
            else:
                self._remove(place)
                self.used = self.block_bytes if self.files else 0  # the file before it is full
            raise
        self.used += len(data)
        return place

    def _make_room(self):
        """One block for the file that begins now, one more for copying forward."""
        for _ in range(self.blocks):
            if len(self.files) < self.blocks - 1:
                return
            self._reclaim()
        raise OSError(ENOSPC)

    def _reclaim(self):
        """Free the oldest file: what is final in it goes, what is not is copied forward first."""
        oldest = self.files[0]
        for _, size, kind, _, name, payload in scan(self._read(oldest)):
            known = self.live.get(name)
            if kind is None or not known or known.place != oldest:
                continue
            if self.used + size > self.block_bytes or len(self.files) == 1:
                if len(self.files) >= self.blocks:
                    raise OSError(ENOSPC)
                self._begin_file()
            data = pack(kind, known.state, name, payload)
            known.place = self._write(data)
        if any(known.place == oldest for known in self.live.values()):
            raise OSError(errno.EIO)  # it could be read at the start and cannot now
        self._remove(oldest)

    def _remove(self, place):
        try:
            self.flash.remove(_file(place))
        except OSError:
            if _file(place) in self.flash.names():
                raise
        self.files.remove(place)
        if not self.files:
            self.used = 0

    def _fit(self, size):
        """Give up what may be given up until all that waits has room: stored presses that
        nobody follows, then the oldest status. Raises OSError when presses alone are too many."""
        live = self._oldest_first()
        stored = [name for name, known in live if known.state == "stored"][:-MOST_FOLLOWED]
        given_up = stored + [name for name, known in live if known.kind == FIRST_OUT]
        biggest = max([known.size for _, known in live] + [size])
        room = (self.blocks - 2) * (self.block_bytes - biggest)
        needed = sum([known.size for _, known in live]) + size
        while needed > room:
            if not given_up:
                raise OSError(ENOSPC)
            known = self.live.pop(given_up.pop(0))
            needed -= known.size
            self.dropped += known.kind == FIRST_OUT


def _file(place):
    return "%08x.box" % place


def _place(name):
    """The number of a file of ours, None of any other."""
    if len(name) != 12 or not name.endswith(".box"):
        return None
    try:
        return int(name[:8], 16)
    except ValueError:
        return None
