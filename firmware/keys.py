"""Inputs to gestures: debounce, holds, short presses. What a gesture means the board says.

Rule 1 of the button: nothing on the grey key can weaken what the red one does, so red is
always looked at first and ends a grey hold.
"""

ALARM, CONFIRM, DURESS = "alarm", "confirm", "duress"


class Key:
    def __init__(self):
        self.raw = False
        self.edge_ms = 0  # of the last raw change
        self.down = False  # after the debounce
        self.down_ms = 0
        self.spent = True  # this hold has done all it can
        self.meaning = None  # grey: what a hold will be, fixed when it begins
        self.subject = None  # red: the report this press became


def _hold_ms(settings, name, key):
    test = name == CONFIRM and key.meaning == "test"
    return settings["test_hold_ms" if test else "hold_ms"]


class Keys:
    """Calls `gestures`: red_pressed, red_held, duress_pressed, grey_meaning, grey_held,
    grey_short, grey_nothing."""

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
        for name in (ALARM, DURESS, CONFIRM):
            key = self.keys.get(name)
            if not key:
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

    def _pressed(self, name, key):
        key.down_ms = key.edge_ms
        key.spent = False
        if name == ALARM:
            holding = self._end_grey_hold(key.down_ms)
            key.subject = self.gestures.red_pressed(key.down_ms, holding)
        elif name == DURESS:
            key.spent = True
            self.gestures.duress_pressed(key.down_ms)
        else:
            red = self.keys.get(ALARM)
            key.meaning = self.gestures.grey_meaning(key.down_ms)
            key.spent = bool(red and red.down)  # begun under a pressed red key: no hold of its own

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
        else:
            self.gestures.grey_held(key.meaning)

    def _released(self, name, key):
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
