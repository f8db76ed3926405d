"""`/admin/users`: who may log in (用户), as what, and with a new password or PIN."""

import secrets
import sqlite3
from typing import Any, NamedTuple

from aiohttp import web

from hub.desk.access import VIEWER
from hub.desk.accounts import NEVER_SECRET, PASSWORD_MOST, Account, facts
from hub.desk.office import entries
from hub.desk.office.entries import Wrong
from hub.desk.office.frame import Frame, fields, see
from hub.desk.office.records import names_given
from hub.desk.roles import ROLES
from hub.desk.texts import WORDS
from hub.desk.words import teller
from hub.events import AccountChanged
from hub.intake import SELF_TEST

PATH = "/admin/users"
PASSWORD_LEAST = 8
FEW = 4  # different characters, at least
KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc", "abcdefghijklm", "password")
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another
GROUPS, GROUP = 4, 4  # 79 random bits
# what the ledger calls no person, by its names and in the pages' words
ACTORS = frozenset({"hub", "city", "file", SELF_TEST}) | {
    word for key, both in WORDS.items() if key.startswith("by.") for word in both
}


class Told(NamedTuple):
    """A password that is shown this once."""

    account: Account
    password: str


class Users:
    """List, form, and what may be done with each account."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.accounts = frame.accounts

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.page), web.post(PATH, self.act)]

    async def page(self, request: web.Request) -> web.Response:
        """`user`: the one in the form; `new`: an empty form."""
        account = self.accounts.find(request.query.get("user", ""))
        form = None
        if account:
            form = self._form(account)
        elif "new" in request.query:
            form = self._form(Account("", "", "officer"))
        return self._draw(request, form)

    def _draw(
        self,
        request: web.Request,
        form: dict[str, Any] | None = None,
        problem: str = "",
        told: Told | None = None,
    ) -> web.Response:
        users = self.accounts.users()
        streets = self.frame.streets()
        own = {each.street for each in users if each.street}
        return self.frame.page(
            request,
            "users",
            problem,
            users=[(each, self.accounts.has_pin(each.user)) for each in users],
            roles=ROLES,
            streets=sorted({*streets, *own}),
            gone=own.difference(streets),
            form=form,
            told=told,
        )

    def _form(self, account: Account) -> dict[str, Any]:
        """An account as the form shows it; `was`: empty for a new one."""
        pin = self.accounts.has_pin(account.user)
        return {**facts(account), "was": account.user, "disabled": account.disabled, "pin": pin}

    async def act(self, request: web.Request) -> web.Response:
        """`do`: save, disable, enable, password or pin."""
        given = await fields(request)
        old = self.accounts.find(given.get("was", ""))
        if given.get("was") and old is None:
            return self._draw(request, None, self.frame.gone(request))
        do = given.get("do", "save")
        typed = {part: given.get(part, "") for part in ("was", *NEVER_SECRET)}
        form = self._form(old) if old else typed
        try:
            if do == "save":
                form = {**form, **typed}
                if old is None:
                    return await self._add(request, given)
                return self._change(request, old, given)
            if old is None:
                return self._draw(request, None, self.frame.gone(request))
            if do == "password":
                return await self._password(request, old, given)
            return await self._switch(request, old, do)
        except Wrong as wrong:
            return self._draw(request, form, self.frame.told(request, wrong))
        except sqlite3.OperationalError as error:
            why = teller(request[VIEWER].language)("fault.disk", why=error)
            return self._draw(request, form, why)

    async def _add(self, request: web.Request, given: dict[str, str]) -> web.Response:
        user = entries.ident("user", given.get("user", ""))
        if self.accounts.find(user):
            raise Wrong("user", "user_used", user)
        account = self._account(user, given)
        password = _password(given, user)
        try:
            await self.accounts.create(*account[:3], password, account.street)
        except sqlite3.IntegrityError:  # another administrator was quicker
            if self.accounts.find(user):
                raise Wrong("user", "user_used", user) from None
            raise Wrong("contact", "name_used", account.name) from None
        self._record(request, "added", account)
        return self._draw(request, None, "", Told(account, password))

    def _change(self, request: web.Request, old: Account, given: dict[str, str]) -> web.Response:
        account = self._account(old.user, given)
        if account.role != old.role:
            self._spare(request, old)
        if facts(account) != facts(old):
            self.accounts.change(account.user, account.name, account.role, account.street)
            self._record(request, "changed", account, old)
        return see(PATH, "saved")

    def _account(self, user: str, given: dict[str, str]) -> Account:
        """What the form says. Raises Wrong."""
        name = entries.name("contact", given.get("name", ""))
        known = {each.name: each.user for each in self.accounts.users()}
        known = {**names_given(self.frame.house.reader), **known}
        machines = ACTORS | self.frame.office.registry.tables["boards"].keys()
        if name in machines:
            raise Wrong("contact", "machines_name", name)
        if known.get(name, user) != user:
            raise Wrong("contact", "name_used", name)
        role = given.get("role", "")
        if role not in ROLES:
            raise Wrong("user_role", "choose_role")
        street = given.get("street", "")
        if role != "street" and street:
            raise Wrong("street", "no_street_role", street)
        own = {each.street for each in self.accounts.users() if each.user == user}
        if role == "street" and street not in {*self.frame.streets(), *own} - {""}:
            raise Wrong("street", "choose_street")
        return Account(user, name, role, street)

    def _spare(self, request: web.Request, account: Account) -> None:
        """Nobody locks the door from outside. Raises Wrong."""
        if account.user == request[VIEWER].account.user:
            raise Wrong("user", "yourself")
        left = [
            each
            for each in self.accounts.users()
            if each.role == "administrator" and not each.disabled and each.user != account.user
        ]
        if account.role == "administrator" and not left:
            raise Wrong("user", "last")

    async def _password(
        self, request: web.Request, account: Account, given: dict[str, str]
    ) -> web.Response:
        """Typed, or drawn; either is shown this once, and all sessions end."""
        password = _password(given, account.user)
        await self.accounts.set_password(account.user, password)
        self._record(request, "password", account)
        return self._draw(request, None, "", Told(account, password))

    async def _switch(self, request: web.Request, account: Account, do: str) -> web.Response:
        """disable, enable, or no PIN: the person sets another one at the desk."""
        if do == "disable":
            self._spare(request, account)
            self.accounts.disable(account.user)
            self._record(request, "disabled", account)
        elif do == "enable":
            self.accounts.disable(account.user, False)
            self._record(request, "enabled", account)
        elif do == "pin":
            await self.accounts.set_pin(account.user, "")
            self._record(request, "pin", account)
        return see(PATH, "saved")

    def _record(
        self, request: web.Request, what: str, account: Account, old: Account | None = None
    ) -> None:
        actor = request[VIEWER].account.name
        before = facts(old) if old else {}
        self.frame.house.submit(AccountChanged(actor, what, facts(account), before))


def _weak(password: str) -> bool:
    """What is tried first: digits alone, few letters again and again, keys in a row."""
    lower = password.lower()
    row = any(lower[:6] in each for each in KEY_ROWS)
    return lower.isdigit() or len(set(lower)) < FEW or row


def _password(given: dict[str, str], user: str) -> str:
    """What was typed, or where nothing was, one that is easily read out. Raises Wrong."""
    typed = given.get("password", "")
    if typed and user in typed.lower():
        raise Wrong("password", "weak_user", user)
    if typed and _weak(typed):
        raise Wrong("password", "weak")
    if not typed:
        groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
        return "-".join(groups)
    if not PASSWORD_LEAST <= len(typed) <= PASSWORD_MOST:
        raise Wrong("password", "password")
    return typed
