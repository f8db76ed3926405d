"""FOLDER/input: lines that move the board's own pins, and the answers to them.

A line is a JSON object: token, do (press | down | up | set | ping), key, hold_ms, times, then (a
second gesture), input and wrong (of set: mains, tamper, battery), expires_ms (wall clock). One
that is read after it expired does nothing and is not answered: who sent it has been told that the
board does not answer, so no press may follow. `up` lets go of the key that the `down` of the same
token holds, whenever it is read.
"""

import asyncio
import json
import os
import time

from firmware.reports import wire_name
from protocol.catalogue import is_int
from protocol.compat import dumps

LINE_BYTES = 2048
GAP_MS = 60  # the least between two edges of one input
FELT_WITHIN_MS = 1000
SAVED_WITHIN_MS = 10000
SETTLED_WITHIN_MS = 5000
MOST_TIMES = 500
MOST_HOLD_MS = 60000
MOST_DOWN_MS = 20000  # a finger that never lets go: its page was closed
_TOKEN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"


class Lines:
    """Bytes as they come -> whole lines; what is too long for a line is skipped to its end."""

    def __init__(self):
        self.rest = b""
        self.skipping = False

    def add(self, data):
        lines = (self.rest + data).split(b"\n")
        self.rest = lines.pop()
        if lines and self.skipping:
            lines.pop(0)
            self.skipping = False
        if len(self.rest) > LINE_BYTES:
            self.rest = b""
            self.skipping = True
        return lines


def _is_token(value):
    if not isinstance(value, str) or not 0 < len(value) <= 64:
        return False
    return all(c in _TOKEN for c in value)


def _gesture(value, keys):
    """(key, hold ms, times), or None when it is no gesture of this board."""
    if not isinstance(value, dict) or value.get("key") not in keys:
        return None
    hold_ms, times = value.get("hold_ms") or 0, value.get("times") or 1
    if not is_int(hold_ms, 0, MOST_HOLD_MS) or not is_int(times, 1, MOST_TIMES):
        return None
    return value["key"], hold_ms, times


class Inputs:
    """Drives `shell` as pins would. `watch` is the shell's ear on gestures and saves."""

    def __init__(self, folder, keys, conditions=()):
        self.folder = folder
        self.shell = None
        self.keys = keys
        self.conditions = conditions
        self.locks = {name: asyncio.Lock() for name in tuple(keys) + tuple(conditions)}
        self.outcomes = {}  # key -> outcomes of the gesture under way
        self.saved = {}  # name -> ok, None while flash is being written
        self.changed = asyncio.Event()
        self.tasks = {}  # token -> the press under way
        self.let_go = {}  # token -> the end of a finger that rests on a key

    def watch(self, effect):
        if effect[0] == "saved":
            if effect[1] in self.saved:
                self.saved[effect[1]] = effect[2]
                self.changed.set()
            return
        _, key, outcome = effect
        if key in self.outcomes:
            self.outcomes[key].append(outcome)
            self.changed.set()
            if isinstance(outcome, tuple):
                self.saved[outcome] = None

    def take(self, line):
        """One line of the FIFO. Starts a task for a press; the answer is a file."""
        try:
            value = json.loads(str(line, "utf-8"))
        except ValueError:
            return
        token = value.get("token") if isinstance(value, dict) else None
        if not _is_token(token):
            return
        if value.get("do") == "up" and token in self.let_go:
            self.let_go[token].set()
            return
        if not self._in_time(value):
            return
        if value.get("do") == "ping":
            self._answer(token + ".accepted", {"accepted": True})
            self._answer(token, {"saved": [], "unsaved": [], "nothing": False})
            return
        if value.get("do") == "set":
            self._take_set(token, value)
            return
        gestures = [_gesture(value, self.keys)]
        if value.get("then"):
            gestures.append(_gesture(value["then"], self.keys))
        if value.get("do") not in ("press", "down") or None in gestures:
            self._answer(token + ".accepted", {"accepted": False})
            return
        self._answer(token + ".accepted", {"accepted": True})
        if not self._in_time(value):  # a process may be frozen between any two lines
            return
        if value["do"] == "down":
            self.let_go[token] = asyncio.Event()
            press = self._down(token, value["key"])
        else:
            press = self._press(token, gestures)
        self.tasks[token] = asyncio.create_task(press)

    def _take_set(self, token, value):
        name, wrong = value.get("input"), value.get("wrong")
        known = name in self.conditions and wrong in (True, False)
        self._answer(token + ".accepted", {"accepted": known})
        if known and self._in_time(value):
            self.tasks[token] = asyncio.create_task(self._set(token, name, wrong))

    async def _set(self, token, name, wrong):
        """An input that stays as it is set; a state that it was in already reports nothing."""
        async with self.locks[name]:
            self.outcomes[name] = []
            self.shell.feed(("condition", name, wrong))
            await self._until(lambda: self.outcomes[name], SETTLED_WITHIN_MS)
            felt = self.outcomes.pop(name)
        await self._answer_saved(token, felt)

    def _in_time(self, value):
        return time.time() * 1000 < (value.get("expires_ms") or 0)

    async def _press(self, token, gestures):
        outcomes = []
        for key, hold_ms, times in gestures:
            async with self.locks[key]:
                self.outcomes[key] = []
                for _ in range(times):
                    await self._stroke(key, hold_ms)
                felt = await self._felt(key, times)
            outcomes += felt
            if not felt or felt[0] is None:
                break  # the first gesture came to nothing: a second one would mean another thing
        await self._answer_saved(token, outcomes)

    async def _down(self, token, key):
        """A finger rests on the key until it lets go, and at least as long as a stroke is."""
        async with self.locks[key]:
            self.outcomes[key] = []
            self.shell.feed(("key", key, True))
            await asyncio.sleep(self._gap_ms() / 1000)
            try:
                await asyncio.wait_for(self.let_go[token].wait(), MOST_DOWN_MS / 1000)
            except asyncio.TimeoutError:
                pass
            self.shell.feed(("key", key, False))
            await asyncio.sleep(self._gap_ms() / 1000)
            felt = await self._felt(key, 1)
        self.let_go.pop(token)
        await self._answer_saved(token, felt)

    async def _felt(self, key, strokes):
        """What the board made of them: a busy one may say it a moment after the last edge."""
        await self._until(lambda: len(self.outcomes[key]) >= strokes, FELT_WITHIN_MS)
        return self.outcomes.pop(key)

    async def _answer_saved(self, token, outcomes):
        names = [outcome for outcome in outcomes if isinstance(outcome, tuple)]
        await self._until(
            lambda: all(self.saved[name] is not None for name in names), SAVED_WITHIN_MS
        )
        kept = [self.saved.pop(name) for name in names]
        self._answer(
            token,
            {
                "saved": [wire_name(name) for name, ok in zip(names, kept) if ok],
                "unsaved": [wire_name(name) for name, ok in zip(names, kept) if not ok],
                "nothing": not outcomes or None in outcomes,
            },
        )
        self.tasks.pop(token, None)

    async def _stroke(self, key, hold_ms):
        gap_ms = self._gap_ms()
        self.shell.feed(("key", key, True))
        await asyncio.sleep(max(gap_ms, hold_ms + 10 if hold_ms else 0) / 1000)
        self.shell.feed(("key", key, False))
        await asyncio.sleep(gap_ms / 1000)

    def _gap_ms(self):
        return max(GAP_MS, self.shell.board.settings["debounce_ms"] + 10)

    async def _until(self, done, within_ms):
        until_ms = self.shell.clock.now_ms() + within_ms
        while not done():
            left_ms = until_ms - self.shell.clock.now_ms()
            if left_ms <= 0:
                return
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), left_ms / 1000)
            except asyncio.TimeoutError:
                return

    def _answer(self, name, value):
        path = self.folder + "/" + name
        with open(path + ".new", "w") as file:
            file.write(dumps(value))
        os.rename(path + ".new", path)
