"""Another ledger birth: the hub may have lost what it once had, so all kept is offered again.

In portions, alarms first; the next one only when the last has its receipts. The new birth is
kept only at the end: a cut in the middle begins again.
"""


class Recall:
    """`kept`: the birth on record, None or "" when there is none."""

    def __init__(self, kept):
        self.kept = kept
        self.heard = None  # the birth heard last
        self.active = False
        self.more = False
        self.position = None
        self.asked = False  # an answer of the outbox is due
        self.stale = False  # and it belongs to the recall before this one

    def birth(self, heard):
        """The hub named its ledger's birth. True when a recall begins."""
        last = self.heard or self.kept
        self.heard = heard
        if heard == last:
            return False
        self.active = self.more = True
        self.position = None
        self.stale = self.asked
        return True

    def answered(self, position):
        self.asked = False
        if self.stale:
            self.stale = False
        else:
            self.position = position
            self.more = position is not None

    def due(self, waiting):
        """The effect that is due now, or None. `waiting`: some recalled have no receipt yet."""
        first = self.more and self.position is None
        if not self.active or self.asked or (waiting and not first):
            return None
        if self.more:
            self.asked = True
            return ("recall", self.position)
        self.active = False
        self.kept = self.heard
        return ("birth", self.heard)
