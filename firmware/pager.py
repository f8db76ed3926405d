"""The board as a pager: incidents of other sites it rings for, in a room where people sleep.

An alert comes as an order (each 2 s until its answer) and in every `state`; a state that no
longer names it ends it. What was answered stays known, so that a repeat does not ring again.
"""

from protocol.compat import const

_MOST = const(4)
_SILENT_MS = const(120000)  # named by nobody for so long: moot

RINGING, HEARD, TAKEN, BUSY = "ringing", "heard", "taken", "busy"


class Alert:
    def __init__(self, incident, site, order):
        self.incident = incident
        self.site = site
        self.order = order
        self.status = RINGING
        self.named_ms = 0


class Pager:
    def __init__(self):
        self.alerts = {}  # incident -> Alert
        self.order = 0

    def name(self, incident, site, now_ms):
        """The hub named it. False when there is no room for one more."""
        alert = self.alerts.get(incident)
        if not alert:
            if len(self.alerts) >= _MOST:
                return False
            self.order += 1
            alert = self.alerts[incident] = Alert(incident, site, self.order)
        alert.named_ms = now_ms
        return True

    def keep(self, incidents, now_ms):
        """Only these are still wanted, and none that nobody named for long."""
        for incident, alert in list(self.alerts.items()):
            moot = incidents is not None and incident not in incidents
            if moot or now_ms - alert.named_ms >= _SILENT_MS:
                del self.alerts[incident]

    def first(self, *statuses):
        """The oldest alert in one of these states, or None."""
        found = [alert for alert in self.alerts.values() if alert.status in statuses]
        return min(found, key=lambda alert: alert.order) if found else None

    def next_ms(self):
        return [alert.named_ms + _SILENT_MS for alert in self.alerts.values()]
