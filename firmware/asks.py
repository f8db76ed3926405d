"""What the duty room asks of whoever is here: a roll call (点名), a text to read. The grey key
answers, the oldest first; each `state` names all that is open, and its window ends it anyway.
"""

from firmware.pager import HEARD, RINGING


class Ask:
    def __init__(self, id, kind, text, order):
        self.id = id
        self.kind = kind
        self.text = text
        self.order = order
        self.status = RINGING
        self.until_ms = 0
        self.rung = False


class Asks:
    def __init__(self):
        self.all = {}  # id -> Ask
        self.order = 0

    def keep(self, named, answered, now_ms):
        """Only these are still asked. `answered`: ids whose answer is under way."""
        old, self.all = self.all, {}
        for value in named:
            ask = old.get(value["id"])
            if not ask:
                self.order += 1
                ask = Ask(value["id"], value["kind"], value["text"], self.order)
            if ask.id in answered:
                ask.status = HEARD
            ask.until_ms = now_ms + value["left_ms"]
            self.all[ask.id] = ask

    def expire(self, now_ms):
        for ask in list(self.all.values()):
            if now_ms >= ask.until_ms:
                del self.all[ask.id]

    def first(self):
        """The oldest one that nobody has answered, or None."""
        found = [ask for ask in self.all.values() if ask.status == RINGING]
        return min(found, key=lambda ask: ask.order) if found else None

    def next_ms(self):
        return [ask.until_ms for ask in self.all.values()]
