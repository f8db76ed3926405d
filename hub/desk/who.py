"""Who would be told now (现在会通知谁): for the district or one site, step by step, and what is
missing. It reads and changes nothing."""

from typing import Any, NamedTuple

from aiohttp import web

from hub.channels.channel import Facts
from hub.channels.plan import Plan, plan
from hub.desk import sentences, views
from hub.desk.access import VIEWER
from hub.desk.accounts import Account
from hub.desk.pages import render
from hub.desk.words import teller
from hub.duty import sites
from hub.house import House
from hub.settings import Settings


class Gap(NamedTuple):
    """Something that is missing: `key` and `blanks` of its sentence."""

    key: str
    blanks: dict[str, Any]


class Step(NamedTuple):
    """`second`: after the press is stored; `keys`: what happens then."""

    second: int
    keys: tuple[str, ...]


class Who:
    """The page `/who`."""

    def __init__(self, house: House) -> None:
        self.house = house

    def routes(self) -> list[web.RouteDef]:
        """Its one route."""
        return [web.get("/who", self.page)]

    async def page(self, request: web.Request) -> web.Response:
        """`site`: an id; without it all that the viewer sees, the district or one street."""
        viewer, house, now = request[VIEWER], self.house, self.house.now()
        places = self._places(viewer.account)
        chosen = request.query.get("site", "")
        known = chosen in places or not chosen
        site = chosen if chosen in places else ""
        own = viewer.account.street or None
        street = places[site]["street"] if site else own
        facts = Facts(house.reader, house.registry, house.settings, house.health.broker_up)
        with views.snapshot(house.reader):
            told = plan(facts, now.wall, street, site)
        contact = house.registry.contact(site, now.wall) if site else None
        html = render(
            "who.html",
            viewer.language,
            name=house.settings.name,
            known=known,
            places=sorted(places.items(), key=lambda each: (each[1]["street"], each[0])),
            site=site,
            own=own,
            contact=contact,
            plan=told,
            steps=steps(told, house.settings),
            gaps=gaps(told, contact),
            limits=house.settings.escalation,
            wall=now.wall,
            channel=lambda name: sentences.channel(name, teller(viewer.language)),
            why=lambda detail: sentences.why_failed(detail, teller(viewer.language)),
        )
        return web.Response(text=html, content_type="text/html", status=200 if known else 404)

    def _places(self, account: Account) -> dict[str, dict[str, Any]]:
        """The sites that this person may ask about, by id."""
        every = sites.facts(self.house.registry)
        return {site: facts for site, facts in every.items() if account.sees(facts["street"])}


def steps(told: Plan, settings: Settings) -> list[Step]:
    """What happens, and when. With nobody listening the first step is the last: all at once."""
    limits = settings.escalation
    ring = ("rings", *(["command"] if told.command else []), "people")
    if not told.listeners:
        return [
            Step(0, ("deaf", *ring, "city")),
            *([Step(limits.way_s, ("next_way", "again"))] if told.people else []),
        ]
    planned = [
        (0, "desks"),
        (limits.louder_s, "louder"),
        (limits.loudest_s, "loudest"),
        *((limits.page_s, each) for each in ring),
        *((limits.page_s + limits.way_s, each) for each in ("next_way", "again") if told.people),
        (limits.city_s, "city"),
    ]
    seconds = sorted({second for second, _ in planned})
    return [Step(at, tuple(key for second, key in planned if second == at)) for at in seconds]


def gaps(told: Plan, contact: str | None) -> list[Gap]:
    """What is missing, gravest first. `contact`: of the chosen site, None where none is chosen."""
    found: list[Gap] = []
    if told.nobody:
        found.append(Gap("who.gap.nobody", {}))
    if not told.listeners:
        found.append(Gap("who.gap.desks", {}))
    if not told.rings:
        found.append(Gap("who.gap.rings", {}))
    elif all(each.missing for each in told.rings):
        found.append(Gap("who.gap.rings_lost", {"count": len(told.rings)}))
    if not told.people:
        key = "who.gap.off_duty" if told.off_duty else "who.gap.people"
        found.append(Gap(key, {"count": told.off_duty}))
    found += [
        Gap("who.gap.person", {"who": f"{each.post} {each.name}".strip()})
        for each in told.people
        if not any(way.works for way in each.ways)
    ]
    if contact == "":
        found.append(Gap("who.gap.contact", {}))
    return found
