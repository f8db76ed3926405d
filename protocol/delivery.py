"""The one guarantee, sending half: each name is repeated until its receipt.

Pure: no clock, no link, no random number of its own. The receiving half is a table of names
(`hub/intake.py`): a name seen before gets its receipt again and no second record. A broker's
acknowledgement takes no part in it.
"""

from protocol.compat import const

_RANK = const(0)
_DUE = const(1)
_WAIT = const(2)
_SENT = const(3)
_ASKED = const(4)


class Sender:
    """What waits for a receipt. `jitter()` -> 0.0 .. 1.0, spreads many boards' retries."""

    def __init__(self, jitter, first_ms=1000, most_ms=30000):
        self.jitter = jitter
        self.first_ms = first_ms
        self.most_ms = most_ms
        self.waiting = {}  # name -> [rank, due_ms, next wait in ms, last sent ms, told to wait]

    def put(self, name, now_ms, rank):
        """Offer `name` at once; a lower rank goes first (alarms are 0)."""
        self.waiting[name] = [rank, now_ms, self.first_ms, None, False]

    def settle(self, name):
        """Its receipt came, or it is moot. True when it was waiting."""
        return self.waiting.pop(name, None) is not None

    def later(self, name, now_ms, after_ms):
        """The receiver asked for time: keep it, offer it again after so long."""
        entry = self.waiting.get(name)
        if entry:
            entry[_DUE] = now_ms + after_ms
            entry[_ASKED] = True

    def hurry(self, now_ms, rest_ms=0):
        """A new connection or a new press ends every back-off: all at once, alarms first.

        What left within the last `rest_ms` is not sent again before that (a hammered button
        must not multiply what waits), and what the receiver told to wait keeps waiting.
        """
        for entry in self.waiting.values():
            if entry[_ASKED]:
                continue
            soonest = now_ms if entry[_SENT] is None else max(now_ms, entry[_SENT] + rest_ms)
            entry[_DUE] = min(entry[_DUE], soonest)
            entry[_WAIT] = self.first_ms

    def due(self, now_ms):
        """The names to send now, by rank then age of waiting; each is put off by its back-off."""
        names = [name for name, entry in self.waiting.items() if entry[_DUE] <= now_ms]
        names.sort(key=lambda name: (self.waiting[name][_RANK], self.waiting[name][_DUE], name))
        for name in names:
            entry = self.waiting[name]
            entry[_DUE] = now_ms + int(entry[_WAIT] * (0.75 + 0.5 * self.jitter()))
            entry[_WAIT] = min(entry[_WAIT] * 2, self.most_ms)
            entry[_SENT] = now_ms
            entry[_ASKED] = False
        return names

    def next_ms(self):
        """When something is due next; None when nothing waits."""
        return min([entry[_DUE] for entry in self.waiting.values()], default=None)
