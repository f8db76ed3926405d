"""Officers at their pages, and the city: they take, race, close and sleep; receipt or none."""

import json
import random
from collections.abc import Callable
from typing import Protocol

from hub.events import Action, CityReceipt, CityTold, DeskHere, Event


class Duty(Protocol):
    """What people see and may do."""

    def at(self, delay_ms: int, call: Callable[[], None]) -> None: ...

    def to_hub(self, event: Event) -> None: ...

    def incidents(self, state: str) -> list[tuple[str, str, str]]: ...

    def calm(self) -> bool: ...


class Officer:
    """Looks at a page, takes what waits, calls back, closes. An action is repeated under its id
    until the hub answers; some incidents are left as they are, so that every end occurs."""

    def __init__(self, name: str, duty: Duty, rng: random.Random, ends: dict[str, str]) -> None:
        self.name = name
        self.duty = duty
        self.rng = rng
        self.ends = ends  # incident -> untaken | taken | closed: shared by all officers
        self.asleep = False
        self.count = 0
        self.pending: dict[str, Action] = {}

    def start(self) -> None:
        self._sign()
        self._look()

    def answered(self, action: str) -> None:
        self.pending.pop(action, None)

    def _sign(self) -> None:
        if self.rng.random() < 0.05 and not self.duty.calm():
            self.asleep = True
            self.duty.at(self.rng.randint(5_000, 40_000), self._wake)
        if not self.asleep:
            self.duty.to_hub(DeskHere(f"desk-{self.name}", self.name, "officer", True))
        self.duty.at(5_000, self._sign)

    def _wake(self) -> None:
        self.asleep = False

    def _look(self) -> None:
        if not self.asleep:
            for incident, kind, _ in self.duty.incidents("untaken"):
                if kind != "test" and self._end(incident) != "untaken":
                    self._act("take", incident, {})
                    break
            for incident, _, outcome in self.duty.incidents("taken"):
                if self._end(incident) == "closed" and self.rng.random() < 0.4:
                    if not outcome:
                        choice = self.rng.choice(("real", "false_press", "no_answer"))
                        self._act("outcome", incident, {"outcome": choice})
                    else:
                        self._act("close", incident, {})
                    break
        self.duty.at(self.rng.randint(1_000, 6_000), self._look)

    def _end(self, incident: str) -> str:
        if incident not in self.ends:
            self.ends[incident] = self.rng.choice(("untaken", "taken", "closed", "closed"))
        return self.ends[incident]

    def _act(self, verb: str, incident: str, data: dict[str, object]) -> None:
        if any(each.incident == incident for each in self.pending.values()):
            return
        self.count += 1
        action = Action(
            f"{self.name}-{self.count}",
            f"desk-{self.name}",
            self.name,
            "officer",
            verb,
            incident,
            data,
        )
        self.pending[action.id] = action
        self._repeat(action)

    def _repeat(self, action: Action) -> None:
        if action.id in self.pending:
            self.duty.to_hub(action)
            self.duty.at(2_000, lambda: self._repeat(action))


class City:
    """Follows the alarm feed through a broker that may lose what it acknowledged; refills."""

    def __init__(self, duty: Duty, rng: random.Random, attentive: bool) -> None:
        self.duty = duty
        self.rng = rng
        self.attentive = attentive
        self.events: dict[int, str] = {}  # sequence -> id

    def published(self, topic: str, sequence: int, id_: str) -> None:
        """The hub published one event; the PUBACK comes a moment later."""
        self.duty.at(self.rng.randint(1, 300), lambda: self.duty.to_hub(CityTold(topic, sequence)))
        if topic == "alarm" and self.rng.random() > 0.1:
            self.seen(sequence, id_)

    def seen(self, sequence: int, id_: str) -> None:
        known = self.events.setdefault(sequence, id_)
        if known != id_:
            raise AssertionError(f"sequence {sequence} is {known} and {id_}")
        if self.attentive and self.rng.random() < 0.7:
            receipt = json.dumps({"id": id_, "who": "city"}).encode()
            self.duty.at(
                self.rng.randint(10, 5_000), lambda: self.duty.to_hub(CityReceipt(receipt))
            )
