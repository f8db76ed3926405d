"""A duty room's past, made the way it was lived: every row through the hub's own step."""

import json
from typing import Any

from hub import core
from hub.events import (
    Action,
    Arrived,
    CityTold,
    DeskHere,
    Effect,
    Event,
    IncidentChanged,
    Now,
    Started,
)
from tests.desk.fixture import Live

HOUR_MS = 3_600_000
HOURS_A_DAY = 24
BOARDS = 15  # of the fixture's house
OFFICER = "张伟"


class Past:
    """Hours of a house before the test's own time, the last of them `until` (wall ms).

    An hour: each board presses once, each press is taken, called back and closed. What else grows
    with the years grows along: status and all-well reports, desks, drills, roll calls, the city.
    """

    def __init__(self, live: Live, hours: int, until: int) -> None:
        self.live = live
        self.boards = live.registry.boards()
        self.now = Now(until - hours * HOUR_MS, live.now().steady - (hours + 1) * HOUR_MS)
        self.number = 0
        self.actions = 0
        self._do([Started("a kernel of the past", "test")])
        for hour in range(hours):
            self.now = Now(self.now.wall + HOUR_MS, self.now.steady + HOUR_MS)
            self._hour(hour)
        live.do(Started("kernel-1", "test"))

    def _hour(self, hour: int) -> None:
        self.number += 1
        effects = self._do([self._report(board, "alarm") for board in self.boards])
        incidents = {each.incident for each in effects if isinstance(each, IncidentChanged)}
        assert len(incidents) == BOARDS
        self._do(
            [
                self._act(verb, incident, **data)
                for incident in incidents
                for verb, data in (
                    ("take", {}),
                    ("outcome", {"outcome": "false_press"}),
                    ("close", {}),
                )
            ]
        )
        self.number += 1
        some = self.boards[hour % BOARDS]
        (told,) = self.live.db.execute("SELECT max(sequence) FROM feed").fetchone()
        self._do(
            [
                CityTold("exercise", told),
                self._report(some, "status", code="battery_ok", text="12.6 V"),
                self._report(self.boards[hour % 7], "allwell"),
                DeskHere(f"{hour:016x}", OFFICER, "officer", False),
            ]
        )
        if hour % HOURS_A_DAY == 0:
            self._duty(self.live.registry.board(some) or {})

    def _duty(self, facts: dict[str, Any]) -> None:
        """Once a day: a drill that nobody presses in, and a roll call."""
        where: dict[str, Any] = {"sites": [facts["site"]], "minutes": 1}
        self._do([self._act("open_drill", purpose="消防演练", **where)])
        self._do([self._act("open_roll_call", **where)])
        (window,) = self.live.db.execute("SELECT max(id) FROM windows").fetchone()
        (ask,) = self.live.db.execute("SELECT id FROM asks ORDER BY row DESC").fetchone()
        self._do([self._act("end_drill", window=window), self._act("end_ask", ask=ask)])

    def _report(self, board: str, kind: str, **more: Any) -> Arrived:
        value = {"boot": "f" * 16, "number": self.number, "kind": kind, "age_ms": 0, "reboots": 0}
        return Arrived(board, "report", json.dumps({**value, **more}).encode())

    def _act(self, verb: str, incident: str = "", **data: Any) -> Action:
        self.actions += 1
        return Action(f"{self.actions:016x}", "d" * 16, OFFICER, "officer", verb, incident, data)

    def _do(self, events: list[Event]) -> list[Effect]:
        effects: list[Effect] = []
        core.run_batch(self.live.hub, events, self.now, effects.append)
        return effects
