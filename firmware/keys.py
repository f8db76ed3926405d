"""Inputs to gestures: debounce, holds, short presses. What a gesture means the board says.

Rule 1 of the button: nothing on the grey key can weaken what the red one does, so red is
always looked at first and ends a grey hold.
"""

ALARM, CONFIRM, DURESS = "alarm", "confirm", "duress"
ABNORMAL, ALLWELL = "abnormal", "allwell"
_ORDER = (ALARM, DURESS, ABNORMAL, ALLWELL, CONFIRM)


class Key:
    def __init__(self):
        self.raw = False
        self.edge_ms = 0  # of the last raw change
        self.down = False  # after the debounce
        self.down_ms = 0
        self.spent = True  # this hold has done all it can
        self.meaning = None  # grey, white: what it will be, fixed when it begins
        self.subject = None  # red: the report this press became


def _hold_ms(settings, name, key):
    test = name == CONFIRM and key.meaning == "test"
    return settings["test_hold_ms" if test else "hold_ms"]


class Keys:
    """Calls `gestures`: red_pressed, red_held, duress_pressed, abnormal_pressed, white_held,
    white_released, grey_meaning, grey_held, grey_short, grey_nothing."""

    def __init__(self, names, gestures):
        self.gestures = gestures
        self.settings = None
        self.keys = {name: Key() for name in names}

    def edge(self, name, down, now_ms):
        key = self.keys.get(name)
        if key and key.raw != down:
            key.raw = down
            key.edge_ms = now_ms

    def settle(self, settings, now_ms):
        """Everything that follows from the time that has passed, before the next event."""
        self.settings = settings
        for name in _ORDER:
            key = self.keys.get(name)
            if not key or (name == ABNORMAL and self._red_settling()):
                continue
            if key.down:
                # a release that is not settled yet ends the hold where it began
                until_ms = now_ms if key.raw else key.edge_ms
                self._held(name, key, until_ms)
            if key.raw != key.down and now_ms - key.edge_ms >= settings["debounce_ms"]:
                key.down = key.raw
                if key.down:
                    self._pressed(name, key)
                    if key.down:
                        self._held(name, key, now_ms)
                else:
                    self._released(name, key)

    def _red_settling(self):
        """A chord with red is red: until that is known the yellow key waits."""
        red = self.keys.get(ALARM)
        return red and red.raw and not red.down

    def _red_down(self):
        red = self.keys.get(ALARM)
        return bool(red and red.down)

    def _pressed(self, name, key):
        key.down_ms = key.edge_ms
        key.spent = False
        if name == ALARM:
            holding = self._end_grey_hold(key.down_ms)
            self._end_white(key.down_ms)
            key.subject = self.gestures.red_pressed(key.down_ms, holding)
        elif name == DURESS:
            key.spent = True
            self.gestures.duress_pressed(key.down_ms)
        elif name == ABNORMAL:
            key.spent = True
            if not self._red_down():
                self.gestures.abnormal_pressed(key.down_ms)
        elif name == ALLWELL:
            key.spent = self._red_down()
            key.meaning = None if key.spent else ALLWELL
        else:
            key.meaning = self.gestures.grey_meaning(key.down_ms)
            key.spent = self._red_down()  # begun under a pressed red key: no hold of its own

    def _end_white(self, at_ms):
        """Red was pressed: a white key still down says nothing, but what its hold has said."""
        white = self.keys.get(ALLWELL)
        if white and white.down:
            self._held(ALLWELL, white, at_ms if white.raw else min(at_ms, white.edge_ms))
            white.spent = True
            white.meaning = None

    def _end_grey_hold(self, at_ms):
        """Red was pressed: a grey hold that has not done its work by then never will.

        True when there was one."""
        grey = self.keys.get(CONFIRM)
        if not grey or not (grey.down or grey.raw):
            return False
        if grey.down:
            self._held(CONFIRM, grey, at_ms if grey.raw else min(at_ms, grey.edge_ms))
            if grey.spent:
                return False
            grey.spent = True
        return True

    def _held(self, name, key, until_ms):
        if key.spent or until_ms - key.down_ms < _hold_ms(self.settings, name, key):
            return
        key.spent = True
        if name == ALARM:
            if key.subject:
                self.gestures.red_held(key.subject)
        elif name == ALLWELL:
            self.gestures.white_held()
        else:
            self.gestures.grey_held(key.meaning)

    def _released(self, name, key):
        if name == ALLWELL and key.meaning:
            key.spent = True
            self.gestures.white_released(key.edge_ms)
        if name != CONFIRM or key.spent:
            return
        key.spent = True
        held_ms = key.edge_ms - key.down_ms
        if held_ms >= self.settings["short_ms"] or not self.gestures.grey_short(key.meaning):
            self.gestures.grey_nothing()

    def next_ms(self, settings):
        """The times at which something here will be due."""
        times = []
        for name, key in self.keys.items():
            if key.raw != key.down:
                times.append(key.edge_ms + settings["debounce_ms"])
            if key.down and key.raw and not key.spent:
                times.append(key.down_ms + _hold_ms(self.settings, name, key))
        return times
