"""The reports of this board whose end is not known yet, and what flash has of them."""

from protocol.delivery import Sender

ON_EVERY_PATH = ("alarm", "hold", "duress")
FOLLOWED = ("alarm", "duress")  # asked for until closed; the others end when they are stored
NOTES = ("abnormal", "allwell")  # 异常, 平安: one blink when sent, one when stored
RANKS = {
    "alarm": 0,
    "duress": 0,
    "hold": 1,
    "abnormal": 2,
    "withdraw": 2,
    "answer": 2,
    "allwell": 3,
    "test": 3,
    "status": 4,
}

WAITING = "waiting"  # no receipt yet
STORED = "stored"
TAKEN = "taken"
CLOSED = "closed"
REFUSED = "refused"

MOST_FOLLOWED = 8  # stored presses whose end is asked for


def wire_name(name):
    return "%s:%d" % name


def parse_name(text):
    return text[:16], int(text[17:])


class Report:
    """`at_ms`: steady ms of the press in this start; of an earlier start (`reboots` > 0) when
    this one began. `order` grows: the highest is the newest."""

    def __init__(self, name, kind, at_ms, order):
        self.name = name
        self.kind = kind
        self.at_ms = at_ms
        self.order = order
        self.reboots = 0
        self.about = None
        self.code = None
        self.text = None
        self.state = WAITING
        self.offered_ms = at_ms  # since when it waits for a receipt
        self.late = False  # the hub said later
        self.saved = None  # True, False; None: not known yet
        self.writing = False  # flash was asked to keep it, and has not answered
        self.kept = None  # the mark that flash has beside the report itself
        self.was = None  # offered again after the hub lost it: the state before
        self.recalled = False
        self.incident = None
        self.told_row = 0  # of the ledger, when the hub said so of that incident
        self.drill = False  # as the hub decided; until then, whether a drill's window was open
        self.by = None
        self.asked = 0  # number of the heartbeat that last asked for it

    def followed(self):
        return self.kind in FOLLOWED and self.was != CLOSED

    def wire(self, now_ms):
        """The report message as of now."""
        value = {
            "boot": self.name[0],
            "number": self.name[1],
            "kind": self.kind,
            "age_ms": min(max(now_ms - self.at_ms, 0), 4294967295),
            "reboots": min(self.reboots, 65535),
        }
        if self.was:
            value["was"] = self.was
        return self._said(value)

    def payload(self):
        """What flash keeps beside kind and name."""
        return self._said({"at_ms": self.at_ms})

    def _said(self, value):
        for field in ("about", "code", "text"):
            if getattr(self, field) is not None:
                value[field] = getattr(self, field)
        return value


class Reports:
    """The table. `keeps`: where effects for the flash go, given anew by each step."""

    def __init__(self, boot, jitter, settings, most_waiting):
        self.boot = boot
        self.most_waiting = most_waiting
        self.sender = Sender(jitter, settings["retry_first_ms"], settings["retry_most_ms"])
        self.all = {}  # name -> Report
        self.unmarked = {}  # name -> state to mark once flash has the report
        self.number = 0
        self.order = 0
        self.keeps = []

    def waiting(self):
        """How many felt here wait for their first receipt."""
        return sum([1 for r in self.all.values() if r.state == WAITING and not r.was])

    def restore(self, record, now_ms):
        """A record of the outbox, waiting to be offered or, when stored, to be followed."""
        name, kind, state, payload, reboots = record
        own = name[0] == self.boot
        self.order += 1
        report = Report(name, kind, payload.get("at_ms", 0) if own else now_ms, self.order)
        report.reboots = 0 if own else max(reboots, 1)
        report.about = payload.get("about")
        report.code = payload.get("code")
        report.text = payload.get("text")
        report.saved = True
        if state in (STORED, CLOSED):
            report.kept = report.state = state
        self.all[name] = report
        if report.state == WAITING:
            self.offer(report, now_ms)
        return report

    def felt(self, kind, at_ms, now_ms, about=None, code=None, text=None):
        """A new report: its name, or None when there is no room and it is not felt."""
        # half of the room is for presses alone
        most = self.most_waiting if kind in FOLLOWED else self.most_waiting // 2
        if self.waiting() >= most:
            return None
        self.number += 1
        self.order += 1
        name = (self.boot, self.number)
        report = Report(name, kind, at_ms, self.order)
        report.about, report.code, report.text = about, code, text
        self.all[name] = report
        self.offer(report, now_ms)
        if kind != "status":
            self.sender.hurry(now_ms, self.sender.first_ms)
        self.save(report)
        return name

    def save(self, report):
        """Again after a failure: flash may have room by then."""
        if not report.writing:
            report.writing = True
            self.keeps.append(("save", report.name, report.kind, report.payload()))

    def offer(self, report, now_ms):
        report.state = WAITING
        report.late = False
        report.offered_ms = now_ms
        self.sender.put(report.name, now_ms, RANKS[report.kind])

    def offer_again(self, report, now_ms):
        """The hub does not know it any more."""
        if report.state != WAITING:
            report.was = report.state
            self.offer(report, now_ms)
        elif not report.late:
            self.sender.put(report.name, now_ms, RANKS[report.kind])

    def saved(self, name, ok):
        state = self.unmarked.pop(name, None)
        report = self.all.get(name)
        if report:
            report.writing = False
            report.saved = ok
            if report.state in (STORED, TAKEN):
                state = STORED  # also when its receipt came while flash would not have it
            if state and ok:
                report.kept = state
        if state and ok:
            self.keeps.append(("mark", name, state))

    def mark(self, report, state):
        if report.writing:
            self.unmarked[report.name] = state
        elif report.saved and report.kept not in (state, CLOSED):
            report.kept = state
            self.keeps.append(("mark", report.name, state))

    def stored(self, report, incident):
        """Its receipt came. True when it had waited for it."""
        report.incident = incident or report.incident
        if report.state != WAITING:
            return False
        self.sender.settle(report.name)
        report.late = False
        report.state = STORED
        if report.followed():
            self.mark(report, STORED)
        else:
            self.end(report, STORED)
        return True

    def end(self, report, state):
        """Its end is known: flash keeps it while it has room, and nobody asks any more."""
        self.sender.settle(report.name)
        self.mark(report, state)
        report.state = state
        del self.all[report.name]

    def collapse(self):
        """Stored presses of one incident follow the newest; few are followed at all."""
        stored = [r for r in self.all.values() if r.followed() and r.state != WAITING]
        if len(stored) < 2:
            return
        stored.sort(key=lambda report: -report.order)
        newest = {}
        for place, report in enumerate(stored):
            joined = (report.kind, report.incident)
            if report.incident and joined in newest:
                self.end(report, CLOSED)
            elif place >= MOST_FOLLOWED:
                del self.all[report.name]
            elif report.incident and report.saved:
                newest[joined] = report
