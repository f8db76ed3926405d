"""The desk's web application: every route, and what each answers."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from hub.desk import forms, office
from hub.desk.access import (
    FORMS,
    LANGUAGE,
    ROUTES,
    SESSION,
    VIEWER,
    cookie_name,
    gate,
    headers,
    keep,
    refuse,
)
from hub.desk.accounts import Accounts, TooManyTries, token
from hub.desk.duty import DutyPage
from hub.desk.office.entries import plain
from hub.desk.pages import Pages
from hub.desk.posts import Posts
from hub.desk.roles import needed
from hub.desk.sentences import day, hour
from hub.desk.stream import Streams
from hub.desk.wall import Boards
from hub.desk.who import Who
from hub.desk.words import LANGUAGES, teller
from hub.events import Answer
from hub.house import House

STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
BODY_MOST = 16 * 1024
ACT_S = 8.0  # the page asks again under the same id
TOUCHED_MS = 60_000
LANGUAGE_S = 400 * 24 * 3600


def build(house: House, accounts: Accounts) -> web.Application:
    """Everything under `/`; other rooms add their routes and name them in `access.ROUTES`.
    `accounts` are closed with it."""
    pages = Pages(house)
    boards = Boards(house, pages)
    posts = Posts(house, accounts)
    streams = Streams(house, accounts, {"desk": pages.state, **boards.views})
    app = web.Application(middlewares=[gate(accounts)], client_max_size=BODY_MOST)

    async def harden(_request: web.Request, response: web.StreamResponse) -> None:
        # asked anew each time: a real board may be enrolled while a demo runs
        framed_by = house.framed_by if house.framed_by and house.simulated else ""
        response.headers.update(headers(framed_by))

    app.on_response_prepare.append(harden)
    app.router.add_routes(
        [
            web.get("/events", streams.events),
            *Desk(house, accounts, pages, posts).routes(),
            *boards.routes(),
            *DutyPage(house, accounts).routes(),
            *office.routes(house, accounts),
            *Who(house).routes(),
            *posts.routes(),
        ]
    )
    app.on_shutdown.append(streams.stop)

    async def close(_app: web.Application) -> None:
        accounts.close()

    app.on_cleanup.append(close)
    return app


class Desk:
    """The handlers; `access.gate` has let the request in."""

    def __init__(self, house: House, accounts: Accounts, pages: Pages, posts: Posts) -> None:
        self.house = house
        self.accounts = accounts
        self.pages = pages
        self.posts = posts
        self.files = {
            file.name: (file.read_bytes(), TYPES[file.suffix])
            for file in STATIC.iterdir()
            if file.suffix in TYPES
        }

    def routes(self) -> list[web.RouteDef]:
        """Each page file's own; what may use them is in `access.ROUTES`."""
        return [
            web.get("/", self.page),
            web.get("/login", self.login_form),
            web.post("/login", self.login),
            web.post("/logout", self.logout),
            web.post("/language", self.language),
            web.get("/pane", self.pane),
            web.post("/api/action", self.action),
            web.post("/api/here", self.here),
            web.get("/static/{name}", self.static),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """`incident`: the chosen one, so that a row is a link where no script runs."""
        html = self.pages.desk(
            request[VIEWER], token(request[SESSION]), request.query.get("incident")
        )
        return web.Response(text=html, content_type="text/html")

    async def pane(self, request: web.Request) -> web.Response:
        """`incident` -> {incident, head, timeline, keys}, markup."""
        pane = self.pages.pane(request[VIEWER], request.query.get("incident", ""))
        if pane is None:
            say = teller(request[LANGUAGE])
            return refuse(404, say("answer.no_incident"))
        return web.json_response(pane._asdict())

    async def login_form(self, request: web.Request) -> web.Response:
        """Whoever has a session and comes back to it is led on."""
        if VIEWER in request and "over" not in request.query:
            raise web.HTTPSeeOther(self._first_page(request[SESSION]))
        problem = teller(request[LANGUAGE])("login.over") if "over" in request.query else ""
        html = self.pages.login(request[LANGUAGE], problem)
        return web.Response(text=html, content_type="text/html")

    async def login(self, request: web.Request) -> web.Response:
        """`user`, `password`; a new session each time, whatever the browser had before."""
        form = await request.post()
        user = plain(str(form.get("user", ""))).lower()  # as it was entered by the administrator
        password = str(form.get("password", ""))
        say, status = teller(request[LANGUAGE]), 401
        problem, session = say("login.wrong"), None
        try:
            session = await self.accounts.login(user, password, request.remote or "")
        except TooManyTries as many:
            status = 429
            problem = say("login.locked", minutes=-(-many.wait_s // 60))
        if session is None:
            html = self.pages.login(request[LANGUAGE], problem, user)
            return web.Response(text=html, status=status, content_type="text/html")
        if old := request.get(SESSION):
            self.accounts.logout(old)
        response = web.Response(status=303, headers={"Location": self._first_page(session)})
        keep(request, response, session)
        return response

    def _first_page(self, session: str) -> str:
        """An empty hub is set up before anything else."""
        account = self.accounts.whose(session)
        empty = not self.house.office.registry.sites
        return "/setup" if empty and account and account.role == "administrator" else "/"

    async def logout(self, request: web.Request) -> web.Response:
        """-> {}; the form of a page without script is led to the login."""
        self.accounts.logout(request[SESSION])
        response = web.json_response({})
        if request.content_type in FORMS:
            response = web.Response(status=303, headers={"Location": "/login"})
        response.del_cookie(cookie_name(request, "session"))
        return response

    async def language(self, request: web.Request) -> web.Response:
        """`language` zh or en; back to where the form stood."""
        wanted = str((await request.post()).get("language", ""))
        if wanted not in LANGUAGES:
            say = teller(request[LANGUAGE])
            return refuse(400, say("refused.form", field="language", wanted="zh en"))
        response = web.Response(status=303, headers={"Location": _came_from(request)})
        response.set_cookie(
            cookie_name(request, "language"),
            wanted,
            max_age=LANGUAGE_S,
            httponly=True,
            samesite="Strict",
            secure=request.secure,
        )
        return response

    async def action(self, request: web.Request) -> web.Response:
        """-> {code, detail, say}: code as in `hub/actions.py`, or bad_time; 503: ask again."""
        viewer, now = request[VIEWER], self.house.now()
        say = teller(viewer.language)
        try:
            act = forms.action(await _json(request), viewer.account, now.wall)
        except forms.Wrong as wrong:
            return refuse(400, say("refused.form", field=wrong.field, wanted=wrong.wanted))
        except forms.BadTime:
            return web.json_response(
                {"code": "bad_time", "detail": {}, "say": say("answer.bad_time")}
            )
        if viewer.account.role not in needed(act.verb, act.data):
            return refuse(403, say("refused.role"))
        if act.incident and self.pages.find(viewer.account, act.incident) is None:
            return refuse(404, say("answer.no_incident"))
        try:
            async with asyncio.timeout(ACT_S):
                answer = await self.house.act(act)
        except TimeoutError:
            return refuse(503, say("refused.busy"))
        detail = answer.detail
        if act.verb == "next_time" and answer.code == "ok":
            detail = {**detail, "time": hour(act.data["wall"], day(now.wall))}
        done = "take.street" if (act.verb, act.role) == ("take", "street") else act.verb
        sentence = _sentence(say, done, answer._replace(detail=detail))
        return web.json_response({"code": answer.code, "detail": detail, "say": sentence})

    async def here(self, request: web.Request) -> web.Response:
        """The page's sign of life, each 5 s; it keeps the session of whoever touches it."""
        viewer = request[VIEWER]
        attended_ms = self.house.settings.presence.attended_s * 1000
        try:
            sign, seen, idle_ms = forms.here(await _json(request), viewer.account, attended_ms)
        except forms.Wrong as wrong:
            say = teller(viewer.language)
            return refuse(400, say("refused.form", field=wrong.field, wanted=wrong.wanted))
        self.posts.signed(request[SESSION], sign.desk)
        self.house.submit(sign)
        if seen:
            there = [each for each in seen.incidents if self.pages.find(viewer.account, each)]
            self.house.submit(seen._replace(incidents=tuple(there)))
        if idle_ms < TOUCHED_MS:
            self.accounts.touch(request[SESSION])
        return web.json_response({})

    async def static(self, request: web.Request) -> web.Response:
        body, type_ = self.files.get(request.match_info["name"], (b"", ""))
        if not type_:
            return refuse(404, teller(request[LANGUAGE])("refused.none"))
        return web.Response(body=body, content_type=type_, charset="utf-8")


def _came_from(request: web.Request) -> str:
    """The page on which the form stood, when it is one of ours; else the first one."""
    if VIEWER not in request:
        return "/login"
    page = urlsplit(request.headers.get("Referer", ""))
    ours = page.netloc == request.host and ("GET", page.path) in ROUTES
    return f"{page.path}?{page.query}" if ours else "/"


async def _json(request: web.Request) -> Any:
    """The body. Raises forms.Wrong; a body that is too large is aiohttp's 413."""
    try:
        return json.loads(await request.read())
    except (ValueError, RecursionError):
        raise forms.Wrong("body", "JSON") from None


def _sentence(say: Any, verb: str, answer: Answer) -> str:
    key = f"answer.ok.{verb}" if answer.code == "ok" else f"answer.{answer.code}"
    return str(say(key, **answer.detail))
