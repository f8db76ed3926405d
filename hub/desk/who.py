"""Who would be told now (现在会通知谁): for the district or one site, step by step, and what is
missing. Nothing is changed here but one thing: a way may be tried (试一下)."""

import asyncio
import re
import secrets
from typing import Any, NamedTuple
from urllib.parse import urlencode

from aiohttp import web

from hub.channels import tries
from hub.channels.channel import Facts
from hub.channels.plan import Plan, plan
from hub.desk import forms, sentences, views
from hub.desk.access import ROUTES, SESSION, UNKNOWN_HAND, VIEWER
from hub.desk.accounts import Account, token
from hub.desk.duty import moment
from hub.desk.pages import render
from hub.desk.words import teller
from hub.duty import sites
from hub.events import Action
from hub.house import House
from hub.settings import Settings

ACT_S = 8.0
LOOK_S = 0.1
LOOKS = 25  # for a receipt, before the page is shown without it
PLACE = re.compile("[0-9]{1,2}")


class Gap(NamedTuple):
    """Something that is missing: `key` and `blanks` of its sentence."""

    key: str
    blanks: dict[str, Any]


class Step(NamedTuple):
    """`second`: after the press is stored; `keys`: what happens then."""

    second: int
    keys: tuple[str, ...]


class Said(NamedTuple):
    """Why a try was not made."""

    sentence: str
    status: int


class Who:
    """The page `/who`."""

    def __init__(self, house: House) -> None:
        self.house = house

    def routes(self) -> list[web.RouteDef]:
        """Reading, and trying a way."""
        return [web.get("/who", self.page), web.post("/who", self.act)]

    async def page(self, request: web.Request) -> web.Response:
        """`site`: an id; without it all that the viewer sees, the district or one street."""
        return self._drawn(request, request.query.get("site", ""))

    async def act(self, request: web.Request) -> web.Response:
        """试一下: `id`, `person`, `place`; `site` as the page was asked for."""
        viewer, form = request[VIEWER], await request.post()
        id_, person, place, site = (
            str(form.get(key, "")) for key in ("id", "person", "place", "site")
        )
        say = teller(viewer.language)
        if not forms.ID.fullmatch(id_) or not PLACE.fullmatch(place):
            return web.Response(
                status=400, text=say("refused.form", field="id, place", wanted="16..64 hex, 0..99")
            )
        if why := request.get(UNKNOWN_HAND):
            return self._drawn(request, site, Said(why, 403))
        own = viewer.account.street
        entered = self.house.registry.people(None)
        if own and not any(p["id"] == person and p.get("street") == own for p in entered):
            return self._drawn(request, site, Said(say("answer.no_person"), 404))
        account, data = viewer.account, {"person": person, "place": int(place)}
        action = Action(id_, "who", account.name, account.role, "try_way", "", data)
        try:
            async with asyncio.timeout(ACT_S):
                answer = await self.house.act(action)
        except TimeoutError:
            return self._drawn(request, site, Said(say("refused.busy"), 503))
        if answer.code not in ("ok", "again"):
            said = Said(say(f"answer.{answer.code}", **answer.detail), 422)
            return self._drawn(request, site, said)
        for _ in range(LOOKS):  # most receipts are here at once: the page then shows it
            if not tries.waits(self.house.reader, id_):
                break
            await asyncio.sleep(LOOK_S)
        raise web.HTTPSeeOther(f"/who?{urlencode({'site': site})}#way-{person}-{place}")

    def _drawn(self, request: web.Request, chosen: str, said: Said | None = None) -> web.Response:
        viewer, house, now = request[VIEWER], self.house, self.house.now()
        say = teller(viewer.language)
        places = self._places(viewer.account)
        known = chosen in places or not chosen
        site = chosen if chosen in places else ""
        own = viewer.account.street or None
        street = places[site]["street"] if site else own
        facts = Facts(house.reader, house.registry, house.settings, house.health.broker_up)
        with views.snapshot(house.reader):
            told = plan(facts, now.wall, street, site)
        contact = house.registry.contact(site, now.wall) if site else None
        shown = seen_by(told, own)
        html = render(
            "who.html",
            viewer.language,
            name=house.settings.name,
            known=known,
            places=sorted(places.items(), key=lambda each: (each[1]["street"], each[0])),
            site=site,
            own=own,
            contact=contact,
            plan=shown,
            hidden=(len(told.people) - len(shown.people), len(told.rings) - len(shown.rings)),
            steps=steps(told, house.settings),
            gaps=gaps(told, contact, say("board.elsewhere"), own),
            limits=house.settings.escalation,
            wall=now.wall,
            channel=lambda name: sentences.channel(name, say),
            why=lambda detail: sentences.why_failed(detail, say),
            said=said,
            when=moment,
            may_try=viewer.account.role in ROUTES["POST", "/who"],
            shared=viewer.second,
            token=token(request[SESSION]),
            draw=lambda: secrets.token_hex(16),
        )
        status = said.status if said else 200 if known else 404
        return web.Response(text=html, content_type="text/html", status=status)

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


def seen_by(told: Plan, own: str | None) -> Plan:
    """A street's page names only its own street's people and boards."""
    if own is None:
        return told
    return told._replace(
        people=tuple(each for each in told.people if each.street == own),
        rest=tuple(each for each in told.rest if each.street == own),
        rings=tuple(each for each in told.rings if each.street == own),
    )


def gaps(told: Plan, contact: str | None, elsewhere: str, own: str | None = None) -> list[Gap]:
    """What is missing, gravest first. `contact`: of the chosen site, None where none is chosen;
    `elsewhere`: what boards of no street are called; `own`: the only street whose people are
    named."""
    found: list[Gap] = []
    if told.nobody:
        found.append(Gap("who.gap.nobody", {}))
    if not told.listeners:
        found.append(Gap("who.gap.desks", {}))
    if not told.rings:
        found.append(Gap("who.gap.rings", {}))
    elif all(each.missing for each in told.rings):
        found.append(Gap("who.gap.rings_lost", {"count": len(told.rings)}))
    if told.rings and told.ringless:
        names = "、".join(each or elsewhere for each in told.ringless)
        found.append(Gap("who.gap.streets", {"streets": names}))
    if not told.people:
        key = "who.gap.off_duty" if told.off_duty else "who.gap.people"
        found.append(Gap(key, {"count": told.off_duty}))
    found += [
        Gap("who.gap.person", {"who": f"{each.post} {each.name}".strip()})
        for each in seen_by(told, own).people
        if not any(way.works for way in each.ways)
    ]
    if contact == "":
        found.append(Gap("who.gap.contact", {}))
    return found
