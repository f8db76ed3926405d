"""Officers at their pages, and the city: they take, race, close and sleep; receipt or none."""

import json
import random
from collections.abc import Callable
from typing import Any, Protocol

from hub.events import Action, CityReceipt, CityTold, DeskHere, Event


class Duty(Protocol):
    """What people see and may do."""

    def at(self, delay_ms: int, call: Callable[[], None]) -> None: ...

    def now_ms(self) -> int: ...

    def to_hub(self, event: Event) -> None: ...

    def incidents(self, state: str, street: str = "") -> list[tuple[str, str, str]]: ...

    def refill(self, topic: str, after: int) -> list[str] | None: ...

    def answer_lost(self) -> bool: ...

    def calm(self) -> bool: ...


class Officer:
    """Looks at a page, takes what waits, calls back, closes. An action is repeated under its id
    until the hub answers; some incidents are left as they are, so that every end occurs."""

    role = "officer"
    street = ""  # the only one whose incidents this person sees; empty: all

    def __init__(self, name: str, duty: Duty, rng: random.Random, ends: dict[str, str]) -> None:
        self.name = name
        self.duty = duty
        self.rng = rng
        self.ends = ends  # incident -> untaken | taken | closed: shared by all officers
        self.asleep = False
        self.wakes_ms = 0
        self.count = 0
        self.pending: dict[str, Action] = {}
        self.handed_on: set[str] = set()  # where nobody answered the call-back
        self.asked: dict[str, Action] = {}  # everything this person ever did at a desk

    def start(self) -> None:
        self._sign()
        self._look()

    def answered(self, action: str) -> None:
        if action in self.pending and not self.duty.answer_lost():
            del self.pending[action]

    def _sign(self) -> None:
        if self.rng.random() < 0.05 and not self.duty.calm():
            self.sleep(self.rng.randint(5_000, 40_000))
        if not self.asleep:
            self._here(listening=True)
        self.duty.at(5_000, self._sign)

    def sleep(self, for_ms: int) -> None:
        """Away from the desk, or asleep at it: no sign of life until then."""
        self.asleep = True
        self.wakes_ms = max(self.wakes_ms, self.duty.now_ms() + for_ms)
        self.duty.at(for_ms, self._wake)

    def _wake(self) -> None:
        self.asleep = self.duty.now_ms() < self.wakes_ms

    def _here(self, listening: bool, away: bool = False) -> None:
        desk = f"desk-{self.name}"
        self.duty.to_hub(DeskHere(desk, self.name, self.role, listening, self.street, away))

    def _look(self) -> None:
        if not self.asleep:
            for incident, kind, _ in self.duty.incidents("untaken", self.street):
                if kind != "test" and self._end(incident) != "untaken":
                    self._act("take", incident, {})
                    break
            for incident, kind, outcome in self.duty.incidents("taken", self.street):
                if kind == "drill":
                    continue  # whoever registered it confirms
                if self._end(incident) == "closed" and self.rng.random() < 0.4:
                    if outcome == "no_answer" and incident not in self.handed_on:
                        self.handed_on.add(incident)
                        self._act("handed_on", incident, {"service": "110"})
                    elif not outcome:
                        self.handed_on.discard(incident)
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
        if incident and any(each.incident == incident for each in self.pending.values()):
            return
        self.count += 1
        action = Action(
            f"{self.name}-{self.count}",
            f"desk-{self.name}",
            self.name,
            self.role,
            verb,
            incident,
            data,
        )
        self.pending[action.id] = self.asked[action.id] = action
        self._repeat(action)

    def _repeat(self, action: Action) -> None:
        if action.id in self.pending:
            self.duty.to_hub(action)
            self.duty.at(2_000, lambda: self._repeat(action))


class City:
    """Follows the feed through a broker that may lose what it acknowledged. It sees a gap, or by
    the retained head that it is behind, and fills it by GET, as a real city would."""

    def __init__(self, duty: Duty, rng: random.Random, attentive: bool) -> None:
        self.duty = duty
        self.rng = rng
        self.attentive = attentive
        self.events: dict[str, dict[int, dict[str, Any]]] = {"alarm": {}, "exercise": {}}
        self.whole = {"alarm": 0, "exercise": 0}  # it has every event up to this sequence
        self.asking: set[str] = set()
        self.clashes: list[str] = []  # what no numbered log may do, as sentences

    def published(self, topic: str, sequence: int, event: str) -> None:
        """The hub published one event; the PUBACK comes a moment later."""
        self.duty.at(self.rng.randint(1, 300), lambda: self.duty.to_hub(CityTold(topic, sequence)))
        if self.rng.random() > 0.1:
            self._heard(topic, event)
            if max(self.events[topic]) > self.whole[topic]:
                self._ask(topic)

    def head(self, head: dict[str, Any]) -> None:
        """What is retained: how far each topic has come."""
        for topic, whole in self.whole.items():
            if head[topic] > whole:
                self._ask(topic)

    def catch_up(self) -> None:
        """One last look at everything it lacks."""
        for topic in self.whole:
            self._fill(topic)

    def _ask(self, topic: str) -> None:
        if topic not in self.asking:
            self.asking.add(topic)
            self.duty.at(self.rng.randint(50, 1_000), lambda: self._fill(topic))

    def _fill(self, topic: str) -> None:
        self.asking.discard(topic)
        for event in self.duty.refill(topic, self.whole[topic]) or ():
            self._heard(topic, event)

    def _heard(self, topic: str, text: str) -> None:
        event = json.loads(text)
        sequence, id_ = int(event["sequence"]), event["id"]
        known = self.events[topic].setdefault(sequence, event)
        if known["id"] != id_:
            self.clashes.append(f"{sequence} on {topic} is both {known['id']} and {id_}")
        while self.whole[topic] + 1 in self.events[topic]:
            self.whole[topic] += 1
        if known is event and self.attentive and self.rng.random() < 0.7:
            receipt = json.dumps({"id": id_, "who": "city"}).encode()
            self.duty.at(
                self.rng.randint(10, 5_000), lambda: self.duty.to_hub(CityReceipt(receipt))
            )
