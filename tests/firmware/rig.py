"""A board on the bench: keys pressed, links cut and the hub's words put in its ear by hand."""

from firmware.core import Board
from protocol.compat import dumps

BOOT = "00000000000000b1"
LEDGER = "1ed9e4000000000a"
NOON_MS = 1700020800000  # 12:00 +08:00


class Rig:
    """Time moves only by `to` and `after`; each wake the board asks for is given."""

    def __init__(self, presses=(), flash=True, contact=True, now_ms=0, **setup):
        settings = setup.pop("settings", {})
        given = {
            "board": "school-3",
            "firmware": "test",
            "lamps": 3,
            "keys": ("alarm", "confirm", "duress"),
            "settings": dict({"duty_phone": "87654321"}, **settings),
            "settings_version": 0,
            "ledger": LEDGER,
        }
        given.update(setup)
        self.flash = flash  # True, False: refuses; None: never answers
        self.now_ms = now_ms
        self.effects = []
        self.panel = None
        self.wake_ms = None
        self.row = 1
        self.wall_ms = NOON_MS
        self.listening = True
        self.board = Board(given, BOOT, presses, lambda: 0.5, now_ms)
        self.step("wake")
        if contact:
            self.link()
            self.state()

    def step(self, *event):
        effects = self.board.step(event, self.now_ms)
        self.effects += effects
        for effect in effects:
            if effect[0] == "panel":
                self.panel = effect[1]
            elif effect[0] == "wake":
                assert effect[1] > self.now_ms
                self.wake_ms = effect[1]
        for effect in effects:
            if effect[0] == "save" and self.flash is not None:
                self.step("saved", effect[1], self.flash)
            elif effect[0] == "recall":
                self.step("recalled", None, [])
        return effects

    def to(self, until_ms):
        """Let time pass, waking the board when it asks for it."""
        while self.wake_ms is not None and self.wake_ms <= until_ms:
            self.now_ms = max(self.now_ms, self.wake_ms)
            self.wake_ms = None
            self.step("wake")
        self.now_ms = until_ms

    def after(self, ms):
        self.to(self.now_ms + ms)

    def hold(self, key, ms):
        self.step("key", key, True)
        self.after(ms)
        self.step("key", key, False)
        self.after(60)

    def press(self, key="alarm"):
        self.hold(key, 60)

    def link(self, path=0, up=True):
        self.step("link", path, up)

    def say(self, message, value, path=0):
        """The hub says something."""
        self.step("heard", path, message, dumps(value).encode())

    def receipt(self, name, answer="stored", **more):
        self.row += 1
        value = {"boot": name[0], "number": name[1], "answer": answer}
        value.update({"ledger": LEDGER, "row": self.row, "listening": self.listening}, **more)
        if answer == "stored":
            value["incident"] = value.get("incident", "demo-1")
        self.say("receipt", value)

    def state(self, *fates, path=0, **more):
        """`fates`: (name, state) or (name, state, by)."""
        presses = []
        for fate in fates:
            value = {"press": "%s:%d" % fate[0], "state": fate[1], "incident": "demo-1"}
            if len(fate) > 2:
                value["by"] = fate[2]
            presses.append(value)
        value = {
            "ledger": LEDGER,
            "row": self.row,
            "wall_ms": self.wall_ms + self.now_ms,
            "listening": self.listening,
            "settings": 0,
            "presses": presses,
            "alerts": [],
        }
        value.update(more)
        self.say("state", value, path)

    def take(self, kind):
        """All effects of a kind since the last look, as tuples without it."""
        found = [effect[1:] for effect in self.effects if effect[0] == kind]
        self.effects = [effect for effect in self.effects if effect[0] != kind]
        return found

    def names(self):
        """The reports felt, in order."""
        return [effect[0] for effect in self.take("save")]

    def kinds(self):
        return [effect[1] for effect in self.take("save")]

    def tones(self):
        return [effect[0] for effect in self.take("tone")]

    def lamps(self):
        lamps = self.panel["lamps"]
        return [lamps[name] for name in ("calling", "stored", "taken", "fault")]

    def felt(self, key="alarm"):
        """Press and give the name of the report it became."""
        self.take("save")
        self.press(key)
        return self.names()[-1]
