"""The loop round the core: owns clock, links, outbox, panel and inputs, decides nothing.

Generic over what it is handed: a unix process now, a microcontroller later. What is felt is
sent and shown first; flash is written by a task of its own, one record at a time, so that a slow
erase never stands between a finger and a lamp.
"""

import asyncio

from protocol.compat import const
from protocol.topics import board_topic, parse_board_topic

_LONGEST_SLEEP_MS = const(60000)


class Shell:
    """`links`: mqtt.Link or alike, in order of preference. `panel.show(panel, tones)` draws;
    `watch(effect)` hears each gesture and each ("saved", name, ok)."""

    def __init__(self, board, district, clock, links, outbox, kept, panel, watch):
        self.board = board
        self.district = district
        self.clock = clock
        self.links = links
        self.outbox = outbox
        self.kept = kept
        self.panel = panel
        self.watch = watch
        self.events = []
        self.stepping = False
        self.writes = []
        self.to_write = asyncio.Event()
        self.wake_ms = None
        self.woken = asyncio.Event()
        self.tones = []
        self.shown = None
        self.unkept = 0  # marks and values that flash would not take
        self.told_flash = False
        self.ended = False

    def feed(self, event):
        """An event of inputs, links or flash: the board's step and its effects, at once."""
        self.events.append(event)
        if self.stepping:
            return
        self.stepping = True
        try:
            while self.events:
                for effect in self.board.step(self.events.pop(0), self.clock.now_ms()):
                    self.EFFECTS.get(effect[0], Shell._later)(self, effect)
                self._draw()
        finally:
            self.stepping = False

    async def run(self):
        """Until cancelled."""
        tasks = [self._write_all()] + [self._keep_link(*pair) for pair in enumerate(self.links)]
        tasks = [asyncio.create_task(self._vital(task)) for task in tasks]
        self.feed(("wake",))
        try:
            while True:
                await self._sleep()
                self.feed(("wake",))
                for task in tasks:
                    if task.done():
                        await task  # none ever ends but by an error: let it be seen
        finally:
            for task in tasks:
                task.cancel()

    async def _vital(self, work):
        """One that ends, ends by an error: that must be seen now, not at the next wake."""
        try:
            await work
        finally:
            self.ended = True
            self.woken.set()

    async def _sleep(self):
        """Until the core wants to be woken, or may want it earlier, or a task has ended."""
        while not self.ended:
            self.woken.clear()
            now_ms = self.clock.now_ms()
            left_ms = _LONGEST_SLEEP_MS
            if self.wake_ms is not None:
                left_ms = min(left_ms, self.wake_ms - now_ms)
            if left_ms <= 0:
                self.wake_ms = None
                return
            try:
                await asyncio.wait_for(self.woken.wait(), left_ms / 1000)
            except asyncio.TimeoutError:
                return

    async def _keep_link(self, index, link):
        def changed(up):
            self.feed(("link", index, up))

        def heard(topic, payload):
            parts = parse_board_topic(topic)
            if parts and parts[:3] == (self.district, self.board.setup["board"], "down"):
                self.feed(("heard", index, parts[3], payload))

        def refused():
            self.feed(("refused_login", index))

        link.changed, link.heard, link.refused = changed, heard, refused
        await link.run()

    # effects

    def _send(self, effect):
        _, index, message, payload = effect
        topic = board_topic(self.district, self.board.setup["board"], "up", message)
        self.links[index].publish(topic, payload)

    def _tone(self, effect):
        self.tones.append(effect[1])

    def _panel(self, effect):
        self.shown = effect[1]
        self.fresh = True

    def _gesture(self, effect):
        for link in self.links:
            link.hurry()
        self.watch(effect)

    def _wake(self, effect):
        self.wake_ms = effect[1]
        self.woken.set()

    def _later(self, effect):
        """All others are for the flash."""
        self.writes.append(effect)
        self.to_write.set()

    EFFECTS = {
        "send": _send,
        "tone": _tone,
        "panel": _panel,
        "gesture": _gesture,
        "wake": _wake,
    }
    fresh = False

    def _draw(self):
        if self.fresh or self.tones:
            tones, self.tones, self.fresh = self.tones, [], False
            self.panel.show(self.shown, tones)

    # flash

    async def _write_all(self):
        while True:
            await self.to_write.wait()
            self.to_write.clear()
            while self.writes:
                self._write(self.writes.pop(0))
                await asyncio.sleep(0)

    def _write(self, effect):
        kind = effect[0]
        if kind == "save":
            self._save(*effect[1:])
        elif kind == "recall":
            position, records = self.outbox.recall(effect[1], self.board.boot)
            self.feed(("recalled", position, records))
        else:
            try:
                if kind == "mark":
                    self.outbox.mark(*effect[1:])
                elif kind == "settings":
                    self.kept.keep("settings", list(effect[1:]))
                else:
                    self.kept.keep(kind, effect[1])
            except OSError:
                self.unkept += 1

    def _save(self, name, kind, payload):
        dropped = self.outbox.dropped
        try:
            self.outbox.save(name, kind, payload)
            event = ("saved", name, True)
        except OSError as error:
            event = ("saved", name, False)
            if not self.told_flash:
                self.told_flash = True
                self.feed(("status", "flash", "a record could not be kept: %s" % error))
        self.feed(event)
        if self.outbox.dropped != dropped:
            self.feed(("dropped", self.outbox.dropped - dropped))
        self.watch(event)
