"""Who sits at this PC: relieved at it (提前接班), shared by two (第二值班员), and one's own PIN.

Each is asked for by a password, or by a PIN of those who share; answers are codes with a sentence.
"""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from hub.desk import forms
from hub.desk.access import SESSION, VIEWER, keep, refuse
from hub.desk.accounts import PIN, Account, Accounts, TooManyTries
from hub.desk.words import teller
from hub.events import Action
from hub.house import House

ACT_S = 8.0
FIELDS = ("id", "desk", "user", "password", "pin")


class Refused(Exception):
    """Why not: the code of the answer, and what fills the blanks of its sentence."""

    def __init__(self, code: str, **detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Posts:
    """Its handler; `access.gate` has let the request in."""

    def __init__(self, house: House, accounts: Accounts) -> None:
        self.house = house
        self.accounts = accounts
        self.desks: dict[str, set[str]] = {}  # session -> its pages, as they have signed
        self.does: dict[str, Callable[[web.Request, dict[str, str]], Awaitable[str]]] = {
            "relieve": self._relieve,
            "join": self._join,
            "part": self._part,
            "pin": self._pin,
        }

    def routes(self) -> list[web.RouteDef]:
        """One address; `do` says what."""
        return [web.post("/api/post", self.post)]

    def signed(self, session: str, desk: str) -> None:
        """A page of that session is there."""
        if session not in self.desks:
            live = {each: of for each, of in self.desks.items() if self.accounts.at(each)}
            self.desks = {**live, session: set()}
        self.desks[session].add(desk)

    async def post(self, request: web.Request) -> web.Response:
        """{do, id, desk, user, password, pin} -> {code, say}; a relief also brings the cookie of
        the new session."""
        say = teller(request[VIEWER].language)
        try:
            given = _given(await request.read())
            do = self.does.get(given["do"])
            if do is None:
                raise forms.Wrong("do", " ".join(self.does))
        except forms.Wrong as wrong:
            return refuse(400, say("refused.form", field=wrong.field, wanted=wrong.wanted))
        code, detail, session = "ok", {}, ""
        try:
            session = await do(request, given)
        except Refused as refused:
            code, detail = refused.code, refused.detail
        except TooManyTries as many:
            code, detail = "locked", {"minutes": str(-(-many.wait_s // 60))}
        except TimeoutError:
            return refuse(503, say("refused.busy"))
        except sqlite3.OperationalError:
            code = "disk"
        key = f"post.ok.{given['do']}" if code == "ok" else f"post.{code}"
        if key == "post.ok.relieve" and (count := self._in_hand(session)):
            key, detail = "post.ok.relieve.hand", {"count": count}
        response = web.json_response({"code": code, "say": say(key, **detail)})
        if session:
            keep(request, response, session)
        return response

    def _in_hand(self, session: str) -> str:
        """How many incidents the person of that session has taken and not closed; or nothing."""
        found = self.house.reader.execute(
            "SELECT count(*) FROM incidents WHERE state = 'taken' AND taken_by = ?",
            (self.accounts.at(session)[0].name,),
        )
        (count,) = found.fetchone()
        return str(count or "")

    async def _relieve(self, request: web.Request, given: dict[str, str]) -> str:
        """The next person has the post; the session of those before ends, in every tab."""
        people = self.accounts.at(request[SESSION])
        next_ = await self._incoming(request, given, people[0])
        before = [each.name for each in people if each != next_]
        ended = sorted(self.desks.get(request[SESSION], set()) | {given["desk"]})
        await self._record(next_, "relieve", given, before=before, desks=ended)
        session = self.accounts.begin(next_.user)
        self.accounts.logout(request[SESSION])
        return session

    async def _join(self, request: web.Request, given: dict[str, str]) -> str:
        """A second person sits down; from here each write asks whose it is."""
        first, *others = self.accounts.at(request[SESSION])
        if others:
            raise Refused("shared", by=others[0].name)
        if first.role == "leader":
            raise Refused("leader")  # what a leader says is signed by one person alone
        second = await self._incoming(request, given, first)
        if not PIN.fullmatch(given["pin"]):
            raise Refused("pin_form")
        if not self.accounts.has_pin(first.user):
            raise Refused("first_pin", by=first.name)
        if await self.accounts.has_this_pin(first.user, given["pin"]):
            raise Refused("same_pin")
        if not self.accounts.has_pin(second.user):
            await self.accounts.set_pin(second.user, given["pin"])
        elif not await self.accounts.has_this_pin(second.user, given["pin"]):
            raise Refused("wrong")
        await self._record(second, "join", given, first=first.name)
        self.accounts.share(request[SESSION], second.user)
        return ""

    async def _part(self, request: web.Request, given: dict[str, str]) -> str:
        """The second person gets up; the first is alone again."""
        _first, *others = self.accounts.at(request[SESSION])
        if not others:
            raise Refused("alone")
        who = await self.accounts.who_acts(request[SESSION], given["pin"], request.remote or "")
        if who is None:
            raise Refused("wrong_pin")
        await self._record(who, "part", given, second=others[0].name)
        self.accounts.share(request[SESSION], "")
        return ""

    async def _pin(self, request: web.Request, given: dict[str, str]) -> str:
        """One's own PIN anew, by one's password."""
        first, *others = self.accounts.at(request[SESSION])
        if others:
            raise Refused("shared", by=others[0].name)
        if not PIN.fullmatch(given["pin"]):
            raise Refused("pin_form")
        if not await self.accounts.check(first.user, given["password"], request.remote or ""):
            raise Refused("wrong")
        await self.accounts.set_pin(first.user, given["pin"])
        return ""

    async def _incoming(
        self, request: web.Request, given: dict[str, str], first: Account
    ) -> Account:
        """The other person, of the same kind of post. Nothing is told of an account before its
        password."""
        found = await self.accounts.check(given["user"], given["password"], request.remote or "")
        if found is None:
            raise Refused("wrong")
        if found.user == first.user:
            raise Refused("same")
        if (found.role, found.street) != (first.role, first.street):
            raise Refused("role")
        return found

    async def _record(self, who: Account, verb: str, given: dict[str, str], **data: Any) -> None:
        act = Action(given["id"], given["desk"], who.name, who.role, verb, "", data)
        async with asyncio.timeout(ACT_S):
            answer = await self.house.act(act)
        if answer.code not in ("ok", "again"):
            raise Refused("disk")


def _given(body: bytes) -> dict[str, str]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise forms.Wrong("body", "JSON") from None
    if not isinstance(value, dict):
        raise forms.Wrong("body", "an object")
    given = {field: value.get(field, "") for field in ("do", *FIELDS)}
    for field, each in given.items():
        if not isinstance(each, str):
            raise forms.Wrong(field, "text")
    if not forms.ID.fullmatch(given["id"]):
        raise forms.Wrong("id", "16..64 hex")
    if not forms.is_desk(given["desk"]):
        raise forms.Wrong("desk", "16 hex")
    return given
