"""What the board knows of its links, and of the hub behind each.

A link that is up proves nothing about the hub: two heartbeats unanswered mean no hub, also
behind a living broker.
"""

from protocol.compat import const

_ANSWER_MS = const(5000)  # how long an answer to the second heartbeat may take


class Path:
    def __init__(self):
        self.up = False
        self.login_refused = False
        self.unanswered = 0  # heartbeats since the hub was last heard
        self.asked_ms = 0

    def asked(self, now_ms):
        self.unanswered += 1
        self.asked_ms = now_ms

    def deaf(self, now_ms):
        if self.unanswered < 2:
            return False
        return self.unanswered > 2 or now_ms - self.asked_ms >= _ANSWER_MS


class Links:
    def __init__(self, now_ms):
        self.paths = {}  # small int -> Path
        self.none_since_ms = now_ms

    def path(self, index):
        if index not in self.paths:
            self.paths[index] = Path()
        return self.paths[index]

    def changed(self, index, up, now_ms):
        """True when this path has just come up."""
        path = self.path(index)
        came = up and not path.up
        if path.up and not up and len(self.up()) == 1:
            self.none_since_ms = now_ms
        path.up = up
        if up:
            path.login_refused = False
        return came

    def up(self):
        return sorted([index for index, path in self.paths.items() if path.up])

    def best(self, now_ms):
        """The first healthy path, else the first that is up, else None."""
        up = self.up()
        healthy = [index for index in up if not self.paths[index].deaf(now_ms)]
        return (healthy or up or [None])[0]

    def no_hub(self, now_ms, patience_ms):
        up = self.up()
        if up:
            return all(self.paths[index].deaf(now_ms) for index in up)
        return now_ms - self.none_since_ms >= patience_ms

    def unanswered(self):
        """A heartbeat on some path that is up still waits for its answer."""
        return any(self.paths[index].unanswered for index in self.up())

    def login_refused(self):
        return not self.up() and any(path.login_refused for path in self.paths.values())

    def next_ms(self, patience_ms):
        """The times at which the answers above may change by themselves."""
        up = self.up()
        if not up:
            return [self.none_since_ms + patience_ms]
        asked = [self.paths[index] for index in up if self.paths[index].unanswered == 2]
        return [path.asked_ms + _ANSWER_MS for path in asked]
