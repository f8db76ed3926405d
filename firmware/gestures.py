"""What a gesture means: red, grey, the hidden duress input; yellow and white of the larger kit.

Rule 1: nothing done on any key weakens, cancels or hides an alarm; inside a test window the
third press within 10 s and the hold are real.
"""

from firmware.keys import ABNORMAL, ALARM, ALLWELL, CONFIRM, DURESS
from firmware.pager import HEARD, RINGING, TAKEN
from firmware.reports import WAITING, wire_name
from protocol.compat import const

_MOST_TESTS = const(8)  # of a window: what the lamps speak of


class Gestures:
    """Called by Keys; acts on the board."""

    def __init__(self, board):
        self.board = board
        self.window_until_ms = None
        self.window_reds = []  # times of the last red presses in it
        self.window_tests = []  # the last reports they became
        self.last_red = None  # (name, at_ms) of the last alarm of this start

    def end_window(self):
        self.window_until_ms = None
        self.window_reds = []
        self.window_tests = []
        self.board.refused_test = False

    def red_pressed(self, at_ms, during_grey_hold):
        """(name, kind) of the report it became, or None when it was not felt."""
        third_ms = self.board.settings["third_press_ms"]
        testing = self.window_until_ms is not None and at_ms < self.window_until_ms
        if testing and not self.board.open_alarm():  # beside an open duress it is real
            reds = [t for t in self.window_reds if at_ms - t <= third_ms]
            if len(reds) < 2 and not during_grey_hold:
                self.window_reds = reds + [at_ms]
                return self._test(at_ms)
            if reds and self.window_tests:  # the hub must see that this is no drill's press
                return self._alarm(at_ms, wire_name(self.window_tests[-1].name))
        return self._alarm(at_ms)

    def _test(self, at_ms):
        felt = self._red("test", at_ms)
        if felt:
            report = self.board.reports.all[felt[0]]
            self.window_tests = self.window_tests[-_MOST_TESTS:] + [report]
        return felt

    def _alarm(self, at_ms, about=None):
        felt = self._red("alarm", at_ms, about)
        if felt:
            self.end_window()
            self.board.withdraw_asked = False
            self.last_red = (felt[0], at_ms)
        return felt

    def _red(self, kind, at_ms, about=None):
        name = self.board.felt(kind, at_ms, about)
        self.board.gesture(ALARM, name)
        if not name:
            return None
        self.board.tone("click")
        return name, kind

    def red_held(self, subject):
        name, kind = subject
        if kind == "test":
            self._alarm(self.board.now_ms, wire_name(name))
            return
        hold = self.board.felt("hold", self.board.now_ms, wire_name(name))
        if hold:
            self.board.gesture(ALARM, hold)

    def duress_pressed(self, at_ms):
        self.board.gesture(DURESS, self.board.felt("duress", at_ms))

    def abnormal_pressed(self, at_ms):
        self._note(ABNORMAL, at_ms)

    def white_held(self):
        """平安 held: duress. Nothing shows, and what its release shows is an ordinary 平安."""
        name = self.board.felt("duress", self.board.now_ms, None, ALLWELL)
        self.board.gesture(ALLWELL, name)

    def white_released(self, at_ms):
        self._note(ALLWELL, at_ms)

    def _note(self, kind, at_ms):
        self.board.refused_note = False
        self.board.noted_ms = None
        self.board.gesture(kind, self.board.felt(kind, at_ms))

    def grey_meaning(self, at_ms):
        """What a hold that begins now will be: fixed here, whatever happens meanwhile. An open
        duress changes none: whoever stands beside the board must not find it out."""
        if self.board.alarms():
            return "withdraw" if self._may_withdraw(at_ms) else None
        if self.board.ringing():
            return "take"
        return "heard" if self.board.pager.first(HEARD) else "test"

    def _may_withdraw(self, at_ms):
        if not self.last_red or self.last_red[0] not in self.board.reports.all:
            return False
        settings = self.board.settings
        since_ms = at_ms - self.last_red[1]
        return settings["withdraw_from_ms"] <= since_ms <= settings["withdraw_until_ms"]

    def grey_held(self, meaning):
        board = self.board
        if meaning == "withdraw":
            name = board.felt("withdraw", board.now_ms, wire_name(self.last_red[0]))
            board.gesture(CONFIRM, name)
        elif meaning in ("take", "heard"):
            alert = board.pager.first(RINGING, HEARD)
            if not alert or not self._answer(alert, alert.incident, TAKEN):
                self.grey_nothing()
        elif meaning == "test" and not board.alarms():
            unheard = [report for report in self.window_tests if report.state == WAITING]
            self.end_window()
            self.window_tests = unheard  # a new window hides no test that has not got through
            self.window_until_ms = board.now_ms + board.settings["test_window_ms"]
            board.gesture(CONFIRM, "test")
            board.tone("soft")
        else:
            self.grey_nothing()

    def grey_short(self, meaning):
        """True when the short press was an answer."""
        if meaning == "take":
            alert = self.board.pager.first(RINGING)
            return bool(alert and self._answer(alert, alert.incident, HEARD))
        if self._refusal_read():
            return True
        ask = self.board.asks.first()  # what its light asks for, also beside an alert heard
        # at a covert site the display asks beside an open alarm too
        shown = meaning in ("heard", "test") or self.board.settings["covert"]
        return bool(shown and ask and self._answer(ask, ask.id, HEARD))

    def _refusal_read(self):
        """Whoever has read that the hub would not have it need not hear it for ever. What is
        asked stands hidden behind it, and is not answered by the same press."""
        board = self.board
        refused = board.refused_press or board.refused_test or board.refused_note
        if not refused or board.alarms() or board.settings["covert"]:
            return False
        board.forget_refusals()
        board.gesture(CONFIRM, "read")
        board.tone("soft")
        return True

    def _answer(self, asked, about, code):
        name = self.board.felt("answer", self.board.now_ms, about, code)
        if not name:
            return False
        asked.status = code
        self.board.gesture(CONFIRM, name)
        self.board.tone("soft")
        return True

    def grey_nothing(self):
        self.board.gesture(CONFIRM, None)
        self.board.tone("low")
