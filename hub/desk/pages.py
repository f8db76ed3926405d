"""Facts + words -> markup: the whole page, and its parts as the stream sends them."""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup

from hub import emergency, sounds, week
from hub.channels import notices, reach
from hub.channels.channel import Facts
from hub.core import Registry
from hub.desk import lane, sentences, views
from hub.desk.accounts import Account
from hub.desk.lane import Lane
from hub.desk.leading import Leading, leading
from hub.desk.own_street import within
from hub.desk.roles import VERBS, WORKS
from hub.desk.views import Incident, Lists
from hub.desk.words import for_script, teller
from hub.duty import allwell, asks, drills, evidence, schedule, sites
from hub.duty.day import DAY_MS
from hub.house import House
from hub.registry import SITE_FACTS

TEMPLATES = Path(__file__).parent / "templates"
SOUNDS = (
    "press",
    "soft",
    "abnormal",
    "drill",
    "test",
    "deadline",
    "bell",
    "equipment",
    "lost",
    "post",
)
PAINTED = 60  # so many rows come with the page, the others with its stream
OTHERS = 3  # so many further contacts of the site
NAMED = 3  # so many of a folded line's boards are named
SELF_TESTS_MISSED = 3
FRESH_MS = 1000


class Viewer(NamedTuple):
    """For whom a page is drawn. `second`: the name of who shares the session, or nothing."""

    account: Account
    language: str
    second: str = ""


class Duty(NamedTuple):
    """What runs beside incidents. `drills`: open windows; `allwell`, `roll_call`: (came, due) or
    None where there is none today; `next_roll_call`: ms UTC or None."""

    drills: int
    allwell: tuple[int, int] | None
    roll_call: tuple[int, int] | None
    next_roll_call: int | None


class Seen(NamedTuple):
    """What is the same for whoever looks."""

    number: int
    wall: int
    lists: Lists
    lane: Lane
    duty: Duty
    leading: Leading | None
    behind_s: int


class State(NamedTuple):
    """All that a desk shows of the house at one moment. `rows`: incident -> markup; `queue` and
    `others`: their order; `parts`: part's id -> markup."""

    number: int
    wall: int
    untaken: int
    queue: list[str]
    others: list[str]
    rows: dict[str, str]
    parts: dict[str, str]


class Pane(NamedTuple):
    """The chosen incident, in three pieces of markup."""

    incident: str
    head: str
    timeline: str
    keys: str


def may_see(account: Account, registry: Registry, board: str, kind: str, street: str) -> bool:
    """A street sees its own sites; duress of its own duty room (街道值班室) it does not: whom the
    call is about may stand before the page."""
    if not account.sees(street):
        return False
    office = (registry.board(board) or {}).get("office")
    return not (account.role == "street" and kind == "duress" and office)


environment = jinja2.Environment(
    # read once: files that an update replaces under a running hub belong to the next one
    loader=jinja2.DictLoader(
        {
            str(each.relative_to(TEMPLATES)): each.read_text("utf-8")
            for each in TEMPLATES.rglob("*.html")
        }
    ),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.globals.update(
    day=sentences.day,
    clock=sentences.clock,
    hour=sentences.hour,
    why_failed=sentences.why_failed,
    waited=sentences.waited,
    pressed=sentences.pressed,
    clock_of=week.clock,
    actor=sentences.actor,
)


def render(template: str, language: str, **facts: Any) -> str:
    """One template in one language."""
    return environment.get_template(template).render(
        say=teller(language), language=language, **facts
    )


@lru_cache(maxsize=4096)
def _row(incident: Incident, language: str, all_simulated: bool) -> str:
    return render("row.html", language, i=incident, all_simulated=all_simulated)


class Pages:
    """Draws for anyone. Runs on the loop's thread; every call reads one snapshot."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.started = house.now()
        self.seen: dict[str | None, Seen] = {}  # by street; None: the district
        self.drawn: dict[tuple[str, ...], tuple[Any, dict[str, str]]] = {}  # facts, markup

    def look(self, account: Account) -> Seen:
        """One snapshot of what this person may see, shared by all pages of the district, or of
        the street, until something or a second passes."""
        house, now = self.house, self.house.now()
        street = account.street if account.role == "street" else None
        with views.snapshot(house.reader) as number:
            seen = self.seen.get(street)
            if seen and seen.number == number and 0 <= now.wall - seen.wall < FRESH_MS:
                return seen
            lists = views.lists(house.reader, now, house.settings.city.receipt_s * 1000, street)
            self.seen[street] = Seen(
                number,
                now.wall,
                self._for_street(account, lists) if street else lists,
                lane.look(house.reader, within(account, house.registry), now.wall, street),
                self._duty(account, now.wall),
                leading(house.registry, now.wall, street),
                views.clock_behind_s(house.reader),
            )
        return self.seen[street]

    def shared(
        self, page: str, viewer: Viewer, facts: Any, draw: Callable[[], dict[str, str]]
    ) -> dict[str, str]:
        """Markup that all open pages of one kind, role, street and language show alike: drawn
        once, and again only from other facts."""
        key = (page, viewer.account.role, viewer.account.street, viewer.language)
        if key not in self.drawn or self.drawn[key][0] != facts:
            self.drawn[key] = (facts, draw())
        return self.drawn[key][1]

    def may_see(self, account: Account, incident: Incident) -> bool:
        facts = (incident.board, incident.kind, incident.street)
        return may_see(account, self.house.registry, *facts)

    def find(self, account: Account, id_: str) -> Incident | None:
        """The incident, unless there is none that this person may see."""
        receipt_ms = self.house.settings.city.receipt_s * 1000
        with views.snapshot(self.house.reader):
            found = views.incident(self.house.reader, id_, self.house.now(), receipt_ms)
        return found if found and self.may_see(account, found) else None

    def _for_street(self, account: Account, lists: Lists) -> Lists:
        queue, taken, closed = (
            [each for each in found if self.may_see(account, each)] for found in lists[:3]
        )
        return Lists(queue, taken, closed, lists.untaken - (len(lists.queue) - len(queue)))

    def _duty(self, account: Account, wall: int) -> Duty:
        reader, registry = self.house.reader, within(account, self.house.registry)
        daily = allwell.today(reader, registry, wall, self.house.settings.duty.allwell_at)
        own = sites.facts(registry).keys()
        calls = [each for each in asks.latest(reader, "roll_call", 1) if each.ended is None]
        asked = [each for call in calls for each in call.replies if each.site in own]
        missing = [each for call in calls for each in call.missing if each.site in own]
        return Duty(
            sum(1 for each in drills.open_windows(reader) if own & set(each.sites)),
            (len(daily.due) - len(daily.missing), len(daily.due)) if daily.due else None,
            (len(asked) - len(missing), len(asked)) if asked else None,
            schedule.coming(wall, self.house.settings.duty.roll_calls),
        )

    def state(self, viewer: Viewer) -> State:
        """All that the page of `viewer` shows, the chosen incident apart."""
        seen, all_simulated = self.look(viewer.account), self.house.simulated
        lists, language, name = seen.lists, viewer.language, viewer.account.name
        own = [each for each in lists.taken if each.taken_by == name]
        others = [each for each in lists.taken if each.taken_by != name]
        every = [*lists.queue, *lists.taken, *lists.closed]

        def draw_rows() -> dict[str, str]:
            return {each.id: _row(each, language, all_simulated) for each in every}

        banners = self._banners(seen.behind_s, viewer)
        self_test = self.house.health.self_test_wall
        return State(
            seen.number,
            self.house.now().wall,
            lists.untaken,
            [each.id for each in lists.queue],
            [each.id for each in (*own, *others, *lists.closed)],
            self.shared("rows", viewer, (lists, all_simulated), draw_rows),
            self.shared(
                "parts",
                viewer,
                (seen, all_simulated, self_test, banners),
                lambda: _parts(seen, language, all_simulated, self_test, banners),
            ),
        )

    def pane(self, viewer: Viewer, id_: str) -> Pane | None:
        """The chosen incident; None when there is none of that id."""
        house, now = self.house, self.house.now()
        with views.snapshot(house.reader):
            found = views.incident(house.reader, id_, now, house.settings.city.receipt_s * 1000)
            older, facts = views.timeline(house.reader, id_)
            proven = evidence.before(house.reader, id_)
            telling = Facts(house.reader, house.registry, house.settings, house.health.broker_up)
            kept_back = notices.kept_back(telling, id_, now.wall)
        if found is None or not self.may_see(viewer.account, found):
            return None
        say, today = teller(viewer.language), sentences.day(now.wall)
        lines = [
            sentences.line(fact, older == 0 and place == 0, say, today)
            for place, fact in enumerate(facts)
        ]
        may = {verb for verb, roles in VERBS.items() if viewer.account.role in roles}
        others = [
            each
            for each in house.registry.contacts(found.site)
            if each["phone"] not in found.contact
        ]
        there = house.registry.board(found.board) or {}
        known = {part: there[part] for part in SITE_FACTS if there.get(part)}
        days = (now.wall - proven[0]) // DAY_MS if proven else 0
        street = viewer.account.role == "street"
        facts_of_row = {"i": found, "now": now.wall, "all_simulated": house.simulated}
        facts_of_row["street"] = street
        return Pane(
            id_,
            render(
                "pane_head.html",
                viewer.language,
                others=others[:OTHERS],
                known=known,
                proven=proven,
                days=days,
                kept_back=kept_back,
                **facts_of_row,
            ),
            render("pane_timeline.html", viewer.language, i=found, older=older, lines=lines),
            render(
                "pane_keys.html",
                viewer.language,
                i=found,
                may=may,
                street=street,
                phone=house.settings.duty_phone,
            ),
        )

    def desk(self, viewer: Viewer, token: str, chosen: str | None) -> str:
        """The whole page, as it is first painted."""
        state = self.state(viewer)
        lists = self.look(viewer.account).lists
        chosen = chosen or next((each.id for each in (*lists.queue, *lists.taken)), None)
        settings = self.house.settings
        script = {
            "words": for_script(viewer.language),
            "weekdays": teller(viewer.language)("weekdays").split(),
            "louder_s": settings.escalation.louder_s,
            "loudest_s": settings.escalation.loudest_s,
            "ask_s": settings.presence.ask_s,
            "attended_s": settings.presence.attended_s,
            "away_s": settings.presence.away_s,
            "name": viewer.account.name,
            "may_act": viewer.account.role in WORKS,
            "shared": bool(viewer.second),
            "street": viewer.account.role == "street",
            "language": viewer.language,
            "wall": state.wall,
        }
        return render(
            "desk.html",
            viewer.language,
            name=settings.name,
            all_simulated=self.house.simulated,
            account=viewer.account,
            second=viewer.second,
            token=token,
            script=script,
            state=state,
            painted=PAINTED,
            sounds=SOUNDS,
            tested=sounds.last(self.house.reader),
            rows={id_: Markup(row) for id_, row in state.rows.items()},
            parts={id_: Markup(part) for id_, part in state.parts.items()},
            pane=self.pane(viewer, chosen) if chosen else None,
        )

    def login(self, language: str, problem: str = "", user: str = "") -> str:
        """The login form; `problem`: the sentence above it."""
        return render(
            "login.html", language, name=self.house.settings.name, problem=problem, user=user
        )

    def self_test_failed(self) -> bool:
        """Some have been missed: a press may not reach this page."""
        last, now = self.house.health.self_test_wall, self.house.now()
        limit = SELF_TESTS_MISSED * self.house.settings.presence.self_test_s * 1000
        if last is None:
            return now.steady - self.started.steady > limit
        return now.wall - last > limit

    def _banners(self, behind_s: int, viewer: Viewer) -> dict[str, Any]:
        health = self.house.health
        return {
            "disk_error": health.disk_error,
            "warnings": emergency.unread(self.house.reader),
            "may_read": viewer.account.role == "administrator",
            "broker_up": health.broker_up,
            "self_test_failed": self.self_test_failed(),
            "behind_s": behind_s,
            "unreachable": [s for s in reach.known(self.house.reader) if viewer.account.sees(s)],
            "every_street": self.house.registry.streets(),
            "notices": [zh if viewer.language == "zh" else en for zh, en in health.notices],
        }


def _parts(
    seen: Seen,
    language: str,
    all_simulated: bool,
    self_test: int | None,
    banners: dict[str, Any],
) -> dict[str, str]:
    """What stands round the lists. `self_test`: ms UTC of the last that passed."""
    lists, equipment, duty = seen.lists, seen.lane, seen.duty
    every = [*lists.queue, *lists.taken, *lists.closed]
    of_ledger = any(each.why != "accounts" for each in banners["warnings"])
    return {
        "city": render("city.html", language, **_city(every)),
        "self-test": render(
            "self_test.html",
            language,
            wall=self_test,
            failed=banners["self_test_failed"],
            warned=of_ledger,
        ),
        "leading": render("leading.html", language, leading=seen.leading),
        "streets": render(
            "streets.html",
            language,
            **streets(equipment),
            duty=duty,
            known=banners["broker_up"],
        ),
        "mode": render("mode.html", language, duty=duty, all_simulated=all_simulated),
        "equipment": render(
            "equipment.html", language, now=seen.wall, named=NAMED, lane=equipment
        ),
        "banners": render("banners.html", language, **banners),
    }


def _city(incidents: list[Incident]) -> dict[str, Any]:
    counts = Counter(each.city.state for each in incidents)
    received = [each.city.wall for each in incidents if each.city.state == "received"]
    return {
        "overdue": counts["overdue"],
        "pending": counts["told"] + counts["waiting"],
        "received": max(received, default=0),
    }


def streets(equipment: Lane, public: bool = False) -> dict[str, Any]:
    """The strip: every board once, by street and in all; `public`: for everybody's eyes."""
    counted = equipment.public if public else equipment.streets
    total: Counter[str] = sum(counted.values(), Counter())
    return {"streets": counted, "total": total, "out_until": equipment.out_until}
