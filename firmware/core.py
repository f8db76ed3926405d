"""All that a board decides. Pure: no pin, socket, file, clock or random number inside.

`Board.step(event, now_ms) -> effects` is the only entrance; events and effects are tuples, named
in README.md. `now_ms`: steady ms that never wrap. What is felt is sent and shown before it is
saved: only a receipt of the hub promises anything, and flash is slower than a link.
"""

from firmware import hearing, lamps
from firmware.asks import Asks
from firmware.gestures import Gestures
from firmware.keys import Keys
from firmware.links import Links
from firmware.pager import BUSY, RINGING, Pager
from firmware.recall import Recall
from firmware.reports import (
    CLOSED,
    NOTES,
    ON_EVERY_PATH,
    RANKS,
    REFUSED,
    WAITING,
    Reports,
    wire_name,
)
from firmware.settings import DEFAULTS
from protocol.catalogue import catalogue_hash, decode, encode
from protocol.compat import const

MOST_WAITING = 96  # reports without a receipt held in RAM; what is beyond is not felt
_ASKED_AT_ONCE = const(8)  # presses a heartbeat names
_DAY_MS = const(86400000)
_DAY_FROM_HOUR = const(7)  # +08:00
_DAY_UNTIL_HOUR = const(21)
HEARS = {"receipt": hearing.receipt, "state": hearing.state, "order": hearing.order}


class Board:
    """`setup`: board, firmware, lamps, keys, settings (or None), settings_version, and if there:
    torn, ledger (birth kept), verified_ms (wall), phase (unenrolled, updating), most_waiting.
    `presses`: [(name, kind, state, payload, reboots)], oldest first, none that is final.
    `jitter()` -> 0.0 .. 1.0."""

    DARK_MS = 30000  # a covert press stored: the idle blip stays dark, the only sign

    def __init__(self, setup, boot, presses, jitter, now_ms):
        self.setup = setup
        self.boot = boot
        self.now_ms = now_ms
        self.settings = dict(DEFAULTS)
        self.settings.update(setup.get("settings") or {})
        self.settings_version = setup.get("settings_version", 0)
        self.phase = setup.get("phase")
        most = setup.get("most_waiting", MOST_WAITING)
        self.reports = Reports(boot, jitter, self.settings, most)
        self.gestures = Gestures(self)
        self.keys = Keys(setup["keys"], self.gestures)
        self.links = Links(now_ms)
        self.pager = Pager()
        self.asks = Asks()
        self.conditions = None
        if setup.get("conditions"):  # a board without such inputs need not hold their rules
            from firmware.conditions import Conditions

            self.conditions = Conditions(setup["conditions"], setup.get("wrong", ()), now_ms)
        self.recall = Recall(setup.get("ledger"))
        self.heard_state = False
        self.heard_ledger = None
        self.heard_ms = now_ms
        self.heard_row = 0  # of the ledger, with the newest word of the hub
        self.listening = True  # until the hub says that nobody is
        self.drill_until_ms = None
        self.wall_offset_ms = None
        self.verified_ms = setup.get("verified_ms")
        self.beat_ms = now_ms  # of the last heartbeat
        self.beats = 0
        self.refused = 0  # messages of the hub that could not be accepted
        self.dropped = 0  # reports given up for want of room, never a press
        self.forget_refusals()
        self.noted_ms = None  # when the last 异常 or 平安 was stored
        self.withdraw_asked = False
        self.dark_until_ms = now_ms
        self.closed_ms = None
        self.sound = None  # the repeated one
        self.sound_ms = None  # when it is due again
        self.panel = None
        self.wake_ms = None
        self._begin(now_ms)
        for record in presses:
            self.reports.restore(record, now_ms)

    def step(self, event, now_ms):
        """One event -> effects, in the order in which they must be carried out."""
        self._begin(now_ms)
        self._time_passed()
        self.EVENTS[event[0]](self, *event[1:])
        self._answer_alerts()
        self.reports.collapse()
        self._send_due()
        self._recall_on()
        self._show()
        effects = self.sends + self.shows + self.keeps
        wake_ms = self._next_ms()
        if wake_ms is not None and wake_ms != self.wake_ms:
            effects.append(("wake", wake_ms))
        self.wake_ms = wake_ms
        return effects

    def _begin(self, now_ms):
        self.now_ms = now_ms
        self.sends, self.shows, self.keeps = [], [], []
        self.reports.keeps = self.keeps

    # what lamps, gestures and hearing ask and do

    def alarms(self):
        """The presses that the lamps speak of."""
        return [r for r in self.reports.all.values() if r.kind == "alarm" and r.followed()]

    def notes(self):
        """异常 and 平安 of this start that wait for their receipt."""
        return [r for r in self.reports.all.values() if r.kind in NOTES and not r.was]

    def answered(self):
        """What is asked and has its answer under way."""
        return [r.about for r in self.reports.all.values() if r.kind == "answer"]

    def tests(self):
        return [r for r in self.gestures.window_tests if r.state != REFUSED]

    def open_alarm(self):
        return any(r.followed() for r in self.reports.all.values())

    def full(self):
        return self.reports.waiting() >= self.reports.most_waiting

    def no_hub(self):
        return self.links.no_hub(self.now_ms, self.settings["no_receipt_ms"])

    def testing(self):
        return self.gestures.window_until_ms is not None

    def drilling(self):
        return self.drill_until_ms is not None

    def exercise(self):
        """Whether what this board calls, or would call, is an exercise as far as is known."""
        alarms = self.alarms()
        return all(r.drill for r in alarms) if alarms else self.drilling()

    def ringing(self):
        """The alert this board rings for, or None."""
        return self.pager.first(RINGING)

    def taken_by(self):
        return next(iter([r.by for r in self.alarms() if r.by]), None)

    def by_day(self):
        if self.wall_offset_ms is None:
            return True
        hour = (self.now_ms + self.wall_offset_ms) // 3600000 + 8
        return _DAY_FROM_HOUR <= hour % 24 < _DAY_UNTIL_HOUR

    def days_since_test(self):
        if self.verified_ms is None or self.wall_offset_ms is None:
            return None
        return max(self.now_ms + self.wall_offset_ms - self.verified_ms, 0) // _DAY_MS

    def felt(self, kind, at_ms, about=None, code=None, text=None):
        name = self.reports.felt(kind, at_ms, self.now_ms, about, code, text)
        if name:
            self.reports.all[name].drill = self.drilling()
        return name

    def gesture(self, key, outcome):
        self.shows.append(("gesture", key, outcome))

    def tone(self, name):
        if self.settings["covert"]:
            return
        if self.testing() or self.exercise():
            self.shows.append(("tone", "ticks"))
        self.shows.append(("tone", name))

    def forget_refusals(self):
        """The hub would not have one, and nobody has read it nor was one stored since."""
        self.refused_press = self.refused_test = self.refused_note = False

    def verified(self):
        """A test press went the whole way: the display says how long ago."""
        if self.wall_offset_ms is not None:
            self.verified_ms = self.now_ms + self.wall_offset_ms
            self.keeps.append(("verified", self.verified_ms))

    def closed(self):
        """The last open press of this board was closed by a person."""
        self.withdraw_asked = self.refused_press = False
        self.closed_ms = None if self.settings["covert"] else self.now_ms
        self.tone("soft")

    def apply(self, version, settings):
        self.settings_version = version
        self.settings = settings
        self.reports.sender.first_ms = settings["retry_first_ms"]
        self.reports.sender.most_ms = settings["retry_most_ms"]
        self.keeps.append(("settings", version, settings))

    def recall_began(self):
        """No lamp may go on saying what this ledger has not confirmed."""
        self.keeps.append(("birth", ""))
        for report in self.reports.all.values():
            if report.state != WAITING:
                report.recalled = True
                self.reports.offer_again(report, self.now_ms)

    # events

    def _key(self, name, down):
        self.keys.edge(name, down, self.now_ms)

    def _condition(self, name, wrong):
        if self.conditions:
            self.conditions.edge(name, wrong, self.now_ms)

    def _link(self, index, up):
        if not self.links.changed(index, up, self.now_ms):
            return
        self._introduce(index)
        self.reports.sender.hurry(self.now_ms)
        self._send_reports()
        self._beat((index,))

    def _introduce(self, index):
        hello = {
            "boot": self.boot,
            "catalogue": catalogue_hash(),
            "firmware": self.setup["firmware"],
            "lamps": self.setup["lamps"],
            "keys": " ".join(self.setup["keys"]),
            "torn": min(self.setup.get("torn", 0), 65535),
        }
        self._send(index, "hello", hello)

    def _heard(self, index, message, payload):
        value, sentence = decode(message, payload)
        hears = HEARS.get(message)
        if sentence or not hears:
            self.refused += 1
            return
        self.links.path(index).unanswered = 0
        if hears(self, value) is False:
            self.refused += 1
        if value.get("hello"):
            self._introduce(index)

    def _login_refused(self, index):
        self.links.path(index).login_refused = True

    def _recalled(self, position, records):
        self.recall.answered(position)
        for record in records:
            name, _, state, _, _ = record
            if state == REFUSED or name in self.reports.all:
                continue  # what is in the table was offered when the recall began, or since
            report = self.reports.restore(record, self.now_ms)
            report.order = -report.order  # older than all that is in the table
            report.recalled = True
            self.reports.offer_again(report, self.now_ms)

    def _status(self, code, text):
        if not self.felt("status", self.now_ms, None, code, text):
            self.dropped += 1

    def _dropped(self, count):
        self.dropped += count

    def _wake(self):
        """Time passed: each step looks at the clock anyway."""

    EVENTS = {
        "key": _key,
        "condition": _condition,
        "saved": lambda self, name, ok: self.reports.saved(name, ok),
        "link": _link,
        "heard": _heard,
        "refused_login": _login_refused,
        "recalled": _recalled,
        "status": _status,
        "dropped": _dropped,
        "wake": _wake,
    }

    # what each step does whatever the event was

    def _time_passed(self):
        self.keys.settle(self.settings, self.now_ms)
        window_until_ms = self.gestures.window_until_ms
        if window_until_ms is not None and self.now_ms >= window_until_ms:
            self.gestures.end_window()
        if self.drill_until_ms is not None and self.now_ms >= self.drill_until_ms:
            self.drill_until_ms = None
        self.pager.keep(None, self.now_ms)
        self.asks.expire(self.now_ms)
        if self.conditions:
            self.conditions.settle(self)

    def _answer_alerts(self):
        """A board with an open alarm neither rings nor takes: it says so, and the hub goes on.
        A duress is not told by a ring that stops: the hub counts no answer from there."""
        busy = self.alarms() or self.settings["covert"]
        for alert in self.pager.alerts.values():
            if busy and alert.status == RINGING:
                if self.felt("answer", self.now_ms, alert.incident, BUSY):
                    alert.status = BUSY
            elif not busy and alert.status == BUSY:
                alert.status = RINGING

    def _send(self, index, message, value):
        self.sends.append(("send", index, message, encode(message, value)))

    def _send_due(self):
        if self.links.up():
            self._send_reports()
            if self.now_ms - self.beat_ms >= self._beat_every_ms():
                self.beat_ms = self.now_ms
                self._beat(self.links.up())

    def _send_reports(self):
        up = self.links.up()
        best = self.links.best(self.now_ms)
        for name in self.reports.sender.due(self.now_ms):
            report = self.reports.all[name]
            for index in up if report.kind in ON_EVERY_PATH else (best,):
                self._send(index, "report", report.wire(self.now_ms))
            if report.saved is False:
                self.reports.save(report)

    def _beat_every_ms(self):
        """Often while a person waits for an answer here, or the hub has not given its own: it
        may have subscribed a moment after the last heartbeat."""
        often = self.open_alarm() or self.ringing() or self.links.unanswered()
        return self.settings["open_heartbeat_ms" if often else "heartbeat_ms"]

    def _beat(self, indexes):
        self.beats += 1
        reports = self.reports.all.values()
        asked = [r for r in reports if r.was != CLOSED]
        asked.sort(key=lambda r: (r.asked, RANKS[r.kind], -r.order))
        asked = asked[:_ASKED_AT_ONCE]
        for report in asked:
            report.asked = self.beats
            if report.saved is False:  # stored by the hub, which may lose it
                self.reports.save(report)
        waiting = [r for r in reports if r.state == WAITING and r.name[0] == self.boot]
        value = {
            "boot": self.boot,
            "waiting_from": min(
                [r.name[1] for r in waiting if not r.was], default=self.reports.number + 1
            ),
            "open": [wire_name(r.name) for r in asked],
            "settings": self.settings_version,
            "refused": min(self.refused, 65535),
            "dropped": min(self.dropped, 65535),
        }
        if self.recall.heard:
            value["ledger"] = self.recall.heard
        for index in indexes:
            self.links.path(index).asked(self.now_ms)
            self._send(index, "heartbeat", value)

    def _recall_on(self):
        waiting = any(r.recalled and r.state == WAITING for r in self.reports.all.values())
        effect = self.recall.due(waiting)
        if effect:
            self.keeps.append(effect)

    def _show(self):
        panel, sound, period_ms = lamps.view(self)
        ask = self.asks.first()
        if panel["grey"] == "double" and not ask.rung:
            ask.rung = True
            self.tone("dingdong")
        if panel != self.panel:
            self.panel = panel
            self.shows.append(("panel", panel))
        if sound != self.sound or (self.sound_ms is not None and self.now_ms >= self.sound_ms):
            self.sound = sound
            self.sound_ms = None
            if sound:
                self.sound_ms = self.now_ms + period_ms
                self.tone(sound)

    def _next_ms(self):
        """The earliest time at which something changes by itself, or None."""
        patience_ms = self.settings["no_receipt_ms"]
        times = self.keys.next_ms(self.settings) + self.pager.next_ms()
        times += self.links.next_ms(patience_ms)
        times += self.asks.next_ms() + (self.conditions.next_ms() if self.conditions else [])
        times += [r.at_ms + lamps.NOTE_MS for r in self.notes()]
        if self.noted_ms is not None:
            times.append(self.noted_ms + lamps.NOTED_MS)
        times += [self.gestures.window_until_ms, self.drill_until_ms, self.sound_ms]
        times.append(self.dark_until_ms)
        if self.closed_ms is not None:
            times.append(self.closed_ms + lamps.CLOSED_TEXT_MS)
        for report in self.reports.all.values():
            if report.state == WAITING:
                times.append(report.offered_ms + patience_ms)
        if self.links.up():
            times.append(self.reports.sender.next_ms())
            times.append(self.beat_ms + self._beat_every_ms())
        return min([t for t in times if t is not None and t > self.now_ms], default=None)
