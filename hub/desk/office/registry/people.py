"""`/admin/people`: whom the hub tells, at which hours of the week, by which ways (通知谁)."""

from typing import Any, NamedTuple

from aiohttp import web

from hub import week
from hub.channels.channel import Facts
from hub.channels.messages import LANGUAGES
from hub.channels.plan import NEVER, OnDuty, plan, with_hope
from hub.channels.table import CHANNELS
from hub.channels.webhook import holds_secret
from hub.desk import sentences, views
from hub.desk.access import VIEWER
from hub.desk.office import entries
from hub.desk.office.entries import WEEK, Wrong
from hub.desk.office.frame import LISTED, Frame, fields, see
from hub.desk.office.records import ever_given, stamp
from hub.desk.office.registry import spelt
from hub.desk.words import teller
from hub.registry import Row

PATH = "/admin/people"
SAME = ("name", "post", "street")  # who is alike in these is taken for the same person
BLANKS = 2  # empty lines for one more
LINES_MOST = 20
ADDRESS_MOST = 200


class Hours(NamedTuple):
    """One span, as it was typed."""

    from_: str = ""
    until: str = ""
    days: str = ""


class Way(NamedTuple):
    """One way, as it was typed."""

    channel: str = ""
    address: str = ""


class Silence(NamedTuple):
    """Hours of a week in which nobody is told of a street's alarm: `gaps` as (days, from,
    until)."""

    street: str
    hours: float
    gaps: list[tuple[str, float, float]]


class People:
    """List by street, form, removal."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.page), web.post(PATH, self.act)]

    @property
    def entered(self) -> dict[str, Row]:
        return self.frame.office.registry.tables["people"]

    async def page(self, request: web.Request) -> web.Response:
        """`id`: the one in the form; `new`: an empty form; `q`: which are listed."""
        person = self.entered.get(request.query.get("id", ""))
        form = None
        if person:
            form = _form(person)
        elif "new" in request.query:
            form = _form({"id": "", "name": "", "post": "", "hours": [], "ways": []})
        return self._draw(request, form)

    def _draw(
        self, request: web.Request, form: dict[str, Any] | None, problem: str = ""
    ) -> web.Response:
        say = teller(request[VIEWER].language)
        registry, accounts = self.frame.office.registry, self.frame.accounts
        with views.snapshot(self.frame.house.reader):
            told = plan(_facts(self.frame), self.frame.house.now().wall)
        wanted = request.query.get("q", "").strip().lower()
        found = [
            (each, self.entered[each.id], on_duty)
            for group, on_duty in ((told.people, True), (told.rest, False))
            for each in group
            if wanted in _text(each)
        ]
        found.sort(key=lambda each: each[0].street)
        return self.frame.page(
            request,
            "people",
            problem,
            people=found[:LISTED],
            more=max(0, len(found) - LISTED),
            total=len(self.entered),
            silences=silences(reached(self.frame), self.frame.streets()),
            streets=self.frame.streets(),
            channels=list(CHANNELS),
            channel=lambda name: sentences.channel(name, say),
            languages=LANGUAGES,
            pagers=registry.pagers(),
            names=[each.name for each in accounts.users() if not each.disabled],
            hours=lambda days, start, end: spelt.hours(days, start, end, say),
            span=lambda row: spelt.span(row, say),
            q=request.query.get("q", ""),
            form=form,
        )

    async def act(self, request: web.Request) -> web.Response:
        """`do`: save or remove."""
        given = await fields(request)
        old = self.entered.get(given.get("was", ""))
        if given.get("was") and old is None:
            return self._draw(request, None, self.frame.gone(request))
        if given.get("do") != "remove":
            return self._save(request, given, old)
        if old is None:
            return self._draw(request, None, self.frame.gone(request))
        if problem := self.frame.enter(request, {}, {"people": [old["id"]]}):
            return self._draw(request, _form(old), problem)
        return see(PATH, "removed")

    def _save(self, request: web.Request, given: dict[str, str], old: Row | None) -> web.Response:
        if old and given.get("seen", stamp(old)) != stamp(old):
            again = {**_retyped(given), "seen": stamp(old)}
            return self._draw(request, again, self.frame.meanwhile(request))
        try:
            row = self._row(request, given, old)
        except Wrong as wrong:
            return self._draw(request, _retyped(given), self.frame.told(request, wrong))
        if problem := self.frame.enter(request, {"people": [row]}):
            return self._draw(request, _retyped(given), problem)
        (known,) = with_hope([row], _facts(self.frame))
        return see(f"{PATH}?id={row['id']}", "saved" if known["ways"] else "saved_deaf")

    def _row(self, request: web.Request, given: dict[str, str], old: Row | None) -> Row:
        """What the form says. Raises Wrong."""
        row: Row = {
            **(old or {}),
            "name": entries.name("contact", given.get("name", "")),
            "post": entries.name("role", given.get("post", "")),
            "hours": [each for line in _hours(given) if (each := _span(line))],
            "ways": [each for line in _ways(given) if (each := self._way(request, line))],
        }
        optional: Row = {
            "leader": entries.yes("leader", given.get("leader", "")),
            "street": entries.name("street", given.get("street", ""), needed=False),
            "phone": entries.phone(given["phone"]) if given.get("phone", "").strip() else "",
            "language": given.get("language", ""),
        }
        if optional["language"] not in LANGUAGES:
            raise Wrong("language", "choose_language")
        kept = (old or {}).get("street", "")  # also one that has no site any more
        if optional["street"] not in ("", kept, *self.frame.streets()):
            raise Wrong("street", "no_street", optional["street"])
        for part, value in optional.items():
            row.pop(part, None)
            if value:
                row[part] = value
        if old is None:
            for id_, each in self.entered.items():
                if all(each.get(part) == row.get(part) for part in SAME):
                    raise Wrong("contact", "same_person", id_)
            used = ever_given(self.frame.house.reader, "people") | self.entered.keys()
            row["id"] = entries.unused(used.__contains__, "person")
        return row

    def _way(self, request: web.Request, given: Way) -> Row | None:
        """None of an empty line. Raises Wrong."""
        channel, address = given.channel, given.address.strip()
        if not channel and not address:
            return None
        if channel not in CHANNELS:
            raise Wrong("way", "choose_way")
        if not address:
            raise Wrong("address", "empty")
        if len(address) > ADDRESS_MOST or not address.isprintable():
            raise Wrong("address", "address", address)
        if channel == "desk" and address not in [e.name for e in self.frame.accounts.users()]:
            raise Wrong("address", "no_user", address)
        missing = CHANNELS[channel].missing(address, _facts(self.frame))
        if missing in NEVER:
            say = teller(request[VIEWER].language)
            raise Wrong("address", "way", f"{address}: {say(f'missing.{missing}')}")
        if channel == "webhook" and holds_secret(address):
            raise Wrong("address", "secret_url")
        return {"channel": channel, "address": address}


def _facts(frame: Frame) -> Facts:
    house = frame.house
    return Facts(house.reader, frame.office.registry, house.settings, house.health.broker_up)


def reached(frame: Frame) -> list[Row]:
    """The people, with those of their ways that could ever work."""
    return with_hope(frame.office.registry.tables["people"].values(), _facts(frame))


def silences(people: list[Row], streets: list[str]) -> list[Silence]:
    """Streets whose alarms would be told to nobody at some hours, the longest first; a person of
    no street is told of every street's."""
    found = []
    for street in streets:
        own = [each for each in people if each.get("street", "") in ("", street) and each["ways"]]
        if any(not each["hours"] for each in own):
            continue  # somebody at every hour
        known = entries.covered(span for each in own for span in each["hours"])
        if len(known) < WEEK:
            found.append(Silence(street, week.hours(WEEK - len(known)), entries.gaps(known)))
    return sorted(found, key=lambda each: -each.hours)


def _span(given: Hours) -> Row | None:
    """None of an empty line. Raises Wrong."""
    if not any(part.strip() for part in given):
        return None
    row: Row = {
        "from": entries.hour("from", given.from_, 0, 23.75),
        "until": entries.hour("until", given.until, 24, 24),
    }
    if on := entries.days(given.days):
        row["days"] = on
    return row


def _text(person: OnDuty) -> str:
    ways = " ".join(way.address for way in person.ways)
    return f"{person.street} {person.name} {person.post} {person.id} {ways}".lower()


def _typed(row: Row) -> Hours:
    """A span, as one would type it."""
    days = entries.typed_days(row.get("days") or [])
    return Hours(entries.typed_hour(row["from"]), entries.typed_hour(row["until"]), days)


def _form(row: Row) -> dict[str, Any]:
    """A row as the form shows it."""
    shown = {part: row.get(part, "") for part in ("name", "post", "street", "phone")}
    return {
        **shown,
        "was": row["id"],
        "seen": stamp(row),
        "leader": bool(row.get("leader")),
        "language": row.get("language", LANGUAGES[0]),
        "hours": [*map(_typed, row["hours"]), *[Hours()] * BLANKS],
        "ways": [*(Way(w["channel"], w["address"]) for w in row["ways"]), *[Way()] * BLANKS],
    }


def _hours(given: dict[str, str]) -> list[Hours]:
    return [
        Hours(*(given.get(f"{part}{number}", "") for part in Hours._fields))
        for number in range(LINES_MOST)
    ]


def _ways(given: dict[str, str]) -> list[Way]:
    return [
        Way(*(given.get(f"{part}{number}", "") for part in Way._fields))
        for number in range(LINES_MOST)
    ]


def _retyped(given: dict[str, str]) -> dict[str, Any]:
    """What was typed stays typed when it was wrong."""
    parts = ("was", "seen", "name", "post", "street", "phone", "language")
    return {
        **{part: given.get(part, "") for part in parts},
        "leader": bool(given.get("leader")),
        "hours": [*(line for line in _hours(given) if any(line)), *[Hours()] * BLANKS],
        "ways": [*(line for line in _ways(given) if any(line)), *[Way()] * BLANKS],
    }
