"""The duty page (值守): drills, roll calls, texts, daily reports, repairs, proofs; read and done.

Plain forms that work without script; the page's own script only draws the facts anew. It rings
nowhere and says so: the desk's page does.
"""

import asyncio
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from aiohttp import web

from hub.city.feed import LOCAL
from hub.core import Registry
from hub.desk import views
from hub.desk.access import SESSION, UNKNOWN_HAND, VIEWER
from hub.desk.accounts import Account, Accounts, token
from hub.desk.own_street import within
from hub.desk.pages import Viewer, may_see, render
from hub.desk.roles import VERBS
from hub.desk.views import PHONE
from hub.desk.words import teller
from hub.duty import allwell, asks, drills, evidence, schedule, service, sites
from hub.duty.day import day_of
from hub.events import Action, Answer
from hub.house import House

ACT_S = 8.0
NEWEST = 3  # ended drills, roll calls and texts that are listed
# what each section of the page does
SECTIONS = {
    "drill": ("open_drill", "end_drill"),
    "roll_call": ("open_roll_call", "end_ask", "answer_for"),
    "text": ("send_text", "end_ask"),
    "repair": ("out_of_service", "in_service"),
}
DONE = {verb for verbs in SECTIONS.values() for verb in verbs}
LINES = ("purpose", "text", "name", "reason", "until", "board", "site", "ask")
NUMBERS = ("minutes", "window")


class Done(NamedTuple):
    """What came of a form: its section, the sentence, whether it was recorded, what was typed."""

    section: str
    sentence: str
    ok: bool
    id: str = ""
    typed: Mapping[str, list[str]] = MappingProxyType({})


class Person(NamedTuple):
    """A site as the lists name it."""

    site: str
    name: str
    street: str
    contact: str
    phone: str


class DutyPage:
    """Its handlers; `access.gate` has let the request in."""

    def __init__(self, house: House, accounts: Accounts) -> None:
        self.house = house
        self.accounts = accounts

    def routes(self) -> list[web.RouteDef]:
        """Both are one address, so that a page that was not accepted can be sent again."""
        return [web.get("/duty", self.page), web.post("/duty", self.act)]

    async def page(self, request: web.Request) -> web.Response:
        """`live`: the facts alone, without forms; `done`: a verb that was just recorded."""
        viewer, verb = request[VIEWER], request.query.get("done", "")
        done = None
        if verb in DONE:
            section = request.query.get("section", "")
            sentence = teller(viewer.language)(f"answer.ok.{verb}")
            done = Done(section, sentence, ok=True)
        live = "live" in request.query
        if not live:  # a person opened it: the session begins again
            self.accounts.touch(request[SESSION])
        return self._drawn(viewer, request[SESSION], done, live=live)

    async def act(self, request: web.Request) -> web.Response:
        """A form: `id`, `section`, `verb` and the verb's own fields."""
        viewer, form = request[VIEWER], await request.post()
        say = teller(viewer.language)
        typed = {key: [str(each) for each in form.getall(key)] for key in form}
        verb, section = _first(typed, "verb"), _first(typed, "section")
        if verb not in SECTIONS.get(section, ()) or not _first(typed, "id"):
            return web.Response(
                status=400, text=say("refused.form", field="verb", wanted=" ".join(sorted(DONE)))
            )
        if viewer.account.role not in VERBS[verb]:
            return web.Response(status=403, text=say("refused.role"))
        id_ = _first(typed, "id")
        if why := request.get(UNKNOWN_HAND):
            done = Done(section, why, ok=False, id=id_, typed=typed)
            return self._drawn(viewer, request[SESSION], done, status=403)
        data = data_of(typed, self.house)
        action = Action(id_, "duty", viewer.account.name, viewer.account.role, verb, "", data)
        try:
            async with asyncio.timeout(ACT_S):
                answer = await self.house.act(action)
        except TimeoutError:  # sent again under the same id, it is recorded once
            done = Done(section, say("refused.busy"), ok=False, id=id_, typed=typed)
            return self._drawn(viewer, request[SESSION], done, status=503)
        if answer.code in ("ok", "again"):
            raise web.HTTPSeeOther(f"/duty?section={section}&done={verb}#{section}")
        done = Done(section, _why(say, answer), ok=False, id=id_, typed=typed)
        return self._drawn(viewer, request[SESSION], done, status=422)

    def _drawn(
        self,
        viewer: Viewer,
        session: str,
        done: Done | None,
        live: bool = False,
        status: int = 200,
    ) -> web.Response:
        account = viewer.account
        with views.snapshot(self.house.reader):
            facts = self._facts(account)
        html = render(
            "duty.html",
            viewer.language,
            name=self.house.settings.name,
            account=account,
            # the session may have ended while the hub was asked
            sits=next(iter(self.accounts.at(session)), account).name,
            shared=viewer.second,
            token=token(session),
            done=done,
            live=live,
            may={
                section for section, verbs in SECTIONS.items() if account.role in VERBS[verbs[0]]
            },
            draw=lambda: secrets.token_hex(16),
            moment=moment,
            day=day_of,
            **facts,
        )
        return web.Response(text=html, content_type="text/html", status=status)

    def _facts(self, account: Account) -> dict[str, Any]:
        """What the page shows that person, of one moment."""
        reader, settings = self.house.reader, self.house.settings
        registry = within(account, self.house.registry)
        wall = self.house.now().wall
        places = {
            site: _person(registry, site, facts, wall)
            for site, facts in sites.facts(registry).items()
        }
        proofs = evidence.proofs(reader, registry, wall, settings.duty.test_period_days)
        own = account.role == "street"
        rows = reader.execute(
            "SELECT board, kind, street FROM incidents WHERE state = 'untaken' AND kind <> 'test'"
        )
        untaken = sum(
            may_see(account, self.house.registry, row["board"], row["kind"], row["street"])
            for row in rows
        )
        boards = {board: registry.board(board) or {} for board in registry.boards()}
        roll_calls, texts = (
            _some(asks.latest(reader, kind, NEWEST + 10)) for kind in ("roll_call", "text")
        )
        windows = _some(drills.windows(reader, NEWEST + 10))
        repairs, conditions = service.out(reader), evidence.conditions(reader)
        if own:
            roll_calls, texts = _of(roll_calls, places), _of(texts, places)
            windows = [each for each in windows if places.keys() & set(each.sites)]
            repairs = [each for each in repairs if each.id in boards or each.id in places]
            conditions = [each for each in conditions if each.board in boards]
        boards_at: dict[str, list[str]] = {}
        for board, facts in boards.items():
            boards_at.setdefault(str(facts.get("site", "")), []).append(board)
        streets: dict[str, list[Person]] = {}
        for place in places.values():
            streets.setdefault(place.street, []).append(place)
        return {
            "wall": wall,
            "untaken": untaken,
            "places": places,
            "streets": streets,
            "boards": boards,
            "boards_at": boards_at,
            "windows": windows,
            "calling": calling(reader, boards),
            "roll_calls": roll_calls,
            "next_roll_call": schedule.coming(wall, settings.duty.roll_calls),
            "texts": texts,
            "daily": allwell.today(reader, registry, wall, settings.duty.allwell_at),
            "repairs": repairs,
            "conditions": conditions,
            "overdue": [each for each in proofs if each.overdue],
            "proven": [each for each in proofs if not each.overdue],
        }


def calling(reader: sqlite3.Connection, boards: dict[str, dict[str, Any]]) -> set[str]:
    """Sites where each board has an alarm or a drill's press open: grey belongs to that, and no
    board there can answer a roll call. `boards`: id -> facts."""
    rows = reader.execute(
        "SELECT board FROM incidents WHERE state <> 'closed' AND kind IN ('alarm', 'drill')"
    )
    busy = {row["board"] for row in rows}
    free = {facts.get("site") for board, facts in boards.items() if board not in busy}
    return {str(boards[board]["site"]) for board in busy & boards.keys()} - free


def _of(found: list[asks.Ask], places: Mapping[str, Person]) -> list[asks.Ask]:
    """Those that ask somebody there, with the replies of there alone."""
    own = [
        each._replace(replies=[reply for reply in each.replies if reply.site in places])
        for each in found
    ]
    return [each for each in own if each.replies]


def _person(registry: Registry, site: str, facts: dict[str, Any], wall: int) -> Person:
    contact = registry.contact(site, wall)
    numbers = PHONE.findall(contact)
    name, street = facts.get("site_name", site), facts.get("street", "")
    return Person(site, name, street, contact, numbers[-1] if numbers else "")


def data_of(typed: Mapping[str, list[str]], house: House) -> dict[str, Any]:
    """A form's fields as its verb's data; what is wrong with them the core says.

    `where`: `all`, `street:<name>` or a site's id, many; `item`: `board:<id>` or `site:<id>`.
    """
    data: dict[str, Any] = {}
    for key in LINES:
        if key in typed:
            data[key] = " ".join(_first(typed, key).split())
    for key in NUMBERS:
        number = _first(typed, key)
        if key in typed:
            data[key] = int(number) if number.isdecimal() and len(number) < 16 else number
    if "where" in typed or "where_shown" in typed:
        data["sites"] = _where(typed.get("where", []), house)
    scope, _, id_ = _first(typed, "item").partition(":")
    if scope in ("board", "site"):
        data[scope] = id_
    return data


def _where(wanted: list[str], house: House) -> Any:
    if wanted == ["all"]:
        return "all"
    if "all" in wanted:  # all, and one beside it: which of them was meant
        return "both"
    streets = {each.removeprefix("street:") for each in wanted if each.startswith("street:")}
    return [
        site
        for site, facts in sites.facts(house.registry).items()
        if site in wanted or facts.get("street") in streets
    ]


def _first(typed: Mapping[str, list[str]], key: str) -> str:
    return typed.get(key, [""])[0]


def _why(say: Any, answer: Answer) -> str:
    return str(say(f"answer.{answer.code}", **answer.detail))


def _some(found: list[Any]) -> list[Any]:
    """All that are open, and the newest that ended."""
    ended = [each for each in found if each.ended is not None]
    return [each for each in found if each.ended is None] + ended[:NEWEST]


def moment(wall: int) -> str:
    """ms UTC -> `11-26 03:12` +08:00."""
    return f"{datetime.fromtimestamp(wall // 1000, LOCAL):%m-%d %H:%M}"
