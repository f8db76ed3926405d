"""What is wrong with the board itself: mains, its box, its battery. Each change that lasts is one
status report; what was told outlives a start, so that its end is told too.
"""

from protocol.compat import const

_SETTLED_MS = const(2000)

CODES = {
    "mains": ("mains_back", "mains_lost"),
    "tamper": ("tamper_ended", "tamper"),
    "battery": ("battery_ok", "battery_low"),
}


class Condition:
    def __init__(self, told, now_ms):
        self.raw = False
        self.edge_ms = now_ms
        self.told = told


class Conditions:
    """`names`: of the inputs this board has; `wrong`: what was told and not yet taken back."""

    def __init__(self, names, wrong, now_ms):
        self.all = {name: Condition(name in wrong, now_ms) for name in names}

    def edge(self, name, wrong, now_ms):
        condition = self.all.get(name)
        if condition and condition.raw != wrong:
            condition.raw = wrong
            condition.edge_ms = now_ms

    def settle(self, board):
        """Reports what has changed and stayed so; without room for the report it is due again."""
        for name, condition in self.all.items():
            changed = condition.raw != condition.told
            if not changed or board.now_ms - condition.edge_ms < _SETTLED_MS:
                continue
            report = board.felt("status", board.now_ms, None, CODES[name][condition.raw])
            if report:
                condition.told = condition.raw
                board.gesture(name, report)
                told = [other for other in self.all if self.all[other].told]
                board.keeps.append(("conditions", told))

    def next_ms(self):
        return [c.edge_ms + _SETTLED_MS for c in self.all.values() if c.raw != c.told]
