"""Who else is on duty: a street's own officer, a leader, whoever registers drills and roll calls,
and the ways by which people are told. Their dice are their own, so that faults fall as ever."""

import json
import random
from typing import Protocol

from hub.events import DeskGone, Event, NoticeEnded
from simulator.world.people import Duty, Officer
from simulator.world.town import Town

PURPOSE = "quarterly drill"
LEVELS = (1, 2, 3, 4, 0)


class Page(Duty, Protocol):
    """What the duty page shows beside incidents."""

    def windows(self) -> list[int]: ...

    def asks(self) -> list[tuple[str, list[str]]]: ...


class Leaver(Officer):
    """An officer of the district who says so when leaving the post (离席), or closes the page."""

    def __init__(
        self,
        name: str,
        duty: Duty,
        rng: random.Random,
        ends: dict[str, str],
        own_rng: random.Random,
    ) -> None:
        super().__init__(name, duty, rng, ends)
        self.own_rng = own_rng

    def sleep(self, for_ms: int) -> None:
        super().sleep(for_ms)
        how = self.own_rng.random()
        if how < 0.4:
            self._here(listening=False, away=True)
        elif how < 0.7:
            self.duty.to_hub(DeskGone(f"desk-{self.name}"))


class StreetOfficer(Officer):
    """A street's duty room (街道值班室): sees its own street alone, takes, never closes."""

    role = "street"

    def __init__(self, street: str, duty: Duty, rng: random.Random, ends: dict[str, str]) -> None:
        super().__init__(f"street-{street}", duty, rng, ends)
        self.street = street

    def _look(self) -> None:
        if not self.asleep:
            for incident, kind, _ in self.duty.incidents("untaken", self.street):
                if kind != "test" and self._end(incident) != "untaken":
                    self._act("take", incident, {})
                    break
        self.duty.at(self.rng.randint(4_000, 12_000), self._look)


class Leader(Officer):
    """Grades (定级) and instructs (批示); has handed on (已转) what is taken."""

    role = "leader"

    def start(self) -> None:
        self._look()

    def _look(self) -> None:
        open_ = self.duty.incidents("untaken") + self.duty.incidents("taken")
        real = [incident for incident, kind, _ in open_ if kind != "test"]
        if real:
            incident = self.rng.choice(real)
            verb = self.rng.choice(("grade", "instruct", "note", "handed_on"))
            data: dict[str, dict[str, object]] = {
                "grade": {"level": self.rng.choice(LEVELS)},
                "instruct": {"text": "report each quarter of an hour"},
                "note": {"text": "called"},
                "handed_on": {"service": "119"},
            }
            self._act(verb, incident, data[verb])
        self.duty.at(self.rng.randint(8_000, 20_000), self._look)


class Registrar(Officer):
    """Registers drills (演练) and ends some, calls the roll (点名), sends texts (通知), puts down
    who answered by telephone (代录), and confirms a drill's presses one by one."""

    def __init__(
        self, duty: Page, rng: random.Random, town: Town, drilled: list[tuple[int, list[str]]]
    ) -> None:
        super().__init__("wang", duty, rng, {})
        self.page = duty
        self.town = town
        self.drilled = drilled  # when which sites have a drill

    def start(self) -> None:
        for at_ms, sites in self.drilled:
            self.duty.at(at_ms, lambda sites=sites: self._drill(sites))  # type: ignore[misc]
        for _ in range(self.rng.randint(0, 2)):
            self.duty.at(self.rng.randrange(1_000, 50_000), self._ask)
        self._look()

    def _drill(self, sites: list[str]) -> None:
        minutes = self.rng.choice((1, 1, 2))
        self._act("open_drill", "", {"sites": sites, "purpose": PURPOSE, "minutes": minutes})

    def _ask(self) -> None:
        some = self.rng.sample(self.town.sites(), self.rng.randint(1, len(self.town.sites())))
        where: object = self.rng.choice(("all", some))
        verb = self.rng.choice(("open_roll_call", "open_roll_call", "send_text"))
        minutes = self.rng.choice((1, 2))
        self._act(verb, "", {"sites": where, "text": "are you well", "minutes": minutes})

    def _look(self) -> None:
        for state in ("untaken", "taken"):
            for incident, kind, _ in self.duty.incidents(state):
                if kind == "drill":
                    self._confirm(incident)
        if self.rng.random() < 0.03:
            for window in self.page.windows()[:1]:
                self._act("end_drill", "", {"window": window})
        for ask, missing in self.page.asks()[:1]:
            dice = self.rng.random()
            if dice < 0.05:
                self._act("end_ask", "", {"ask": ask})
            elif dice < 0.15 and missing:
                site = self.rng.choice(missing)
                self._act("answer_for", "", {"ask": ask, "site": site, "name": "gatekeeper"})
        self.duty.at(self.rng.randint(3_000, 8_000), self._look)

    def _confirm(self, incident: str) -> None:
        if incident not in self.ends:
            self.ends[incident] = self.rng.choice(("", "confirm_drill", "make_real", "close"))
        if self.ends[incident] and self.rng.random() < 0.3:
            self._act(self.ends[incident], incident, {})


class Ways:
    """Gateways (channels) between the hub and a person: each notice has its receipt, sooner or
    later; in some seeds every one of them fails."""

    def __init__(self, duty: Duty, rng: random.Random) -> None:
        self.duty = duty
        self.rng = rng
        self.broken = rng.random() < 0.4

    def tell(self, notice: int, body: str) -> None:
        """`body`: of the ledger row `notice`, as JSON."""
        state, detail = "accepted", ""
        if json.loads(body)["channel"] != "pager" and (self.broken or self.rng.random() < 0.2):
            state, detail = "failed", "no answer"
        event: Event = NoticeEnded(notice, state, detail)
        self.duty.at(self.rng.randint(50, 6_000), lambda: self.duty.to_hub(event))


def drills(rng: random.Random, town: Town) -> list[tuple[int, list[str]]]:
    """When which sites have a drill: none in some seeds, and two that overlap in others."""
    found = []
    for _ in range(rng.choice((0, 1, 1, 2))):
        some = rng.sample(town.sites(), min(len(town.sites()), rng.randint(1, 3)))
        found.append((rng.randrange(500, 45_000), some))
    return found
