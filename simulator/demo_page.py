"""The demo's page: the street at its left, the living desk at its right, the city below, and
buttons that break things. Routes for this machine's own browser, and nothing from outside it.
"""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from hub.folder import Folder
from simulator.audience import Audience, Told
from simulator.broken import BROKEN
from simulator.experiments import LOCALES, broken_world, flip_byte
from simulator.seat import NoDesk, Seats
from simulator.street_page import GESTURES, Street
from simulator.subscriber import Subscriber
from simulator.troubles import Troubles

STATIC = Path(__file__).parent / "static"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
VISITOR = "zhangwei"  # whose seat the framed desk is
COLLEAGUE = "limin"  # who registers a drill
DRILL_MINUTES = 5
PURPOSE = "演示"


@dataclass
class Page:
    """All that the page shows and moves. `about`: what does not change, for its head; `desk`: the
    address of the desk in the frame."""

    street: Street
    audience: Audience
    troubles: Troubles
    city: Subscriber
    seats: Seats
    folder: Folder
    about: dict[str, Any]
    desk: str

    def first(self) -> list[Told]:
        """What a page needs that has just come; then it hears of changes."""
        city: list[Told] = [("city", event) for event in self.city.events]
        return [*self.street.views(), ("troubles", self.troubles.state()), *city]


def headers(desk: str) -> dict[str, str]:
    """Of every answer: the desk's frame is the only thing from another port."""
    return {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"connect-src 'self'; img-src data:; frame-src {desk}; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


def app(page: Page) -> web.Application:
    """The routes; a POST comes from the page's own script or not at all."""
    handlers = Handlers(page)
    application = web.Application(middlewares=[_guard(headers(page.desk))])
    for file in STATIC.iterdir():
        path = "/" if file.name == "demo.html" else f"/{file.name}"
        application.router.add_get(path, _file(file))
    application.router.add_get("/plan.json", handlers.plan)
    application.router.add_get("/boards.json", handlers.boards)
    application.router.add_get("/events", handlers.events)
    for name in ("press", "down", "up", "seat", "trouble", "drill", "byte", "world", "receipt"):
        application.router.add_post(f"/{name}", getattr(handlers, name))
    return application


class Handlers:
    """What each route answers."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.busy = asyncio.Lock()  # one experiment at a time: they take a whole processor

    async def plan(self, _request: web.Request) -> web.Response:
        page = self.page
        return web.json_response(
            {**page.about, "desk": page.desk, "boards": page.street.plan(), "broken": [*BROKEN]}
        )

    async def boards(self, _request: web.Request) -> web.Response:
        return web.json_response(self.page.street.boards())

    async def events(self, request: web.Request) -> web.StreamResponse:
        """`board`: one board's panel; `troubles`: what is broken now; `city`: what it heard;
        `alive` each 5 s."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", **headers(self.page.desk)}
        )
        await response.prepare(request)
        try:
            async for name, value in self.page.audience.listen(self.page.first):
                line = f"event: {name}\ndata: {json.dumps(value)}\n\n"
                await response.write(line.encode())
        except ConnectionResetError:
            return response  # the page was closed
        return response

    async def press(self, request: web.Request) -> web.Response:
        """{board, key} -> {outcome}, as `Street.press` says it."""
        street = self.page.street
        board, key = await self._key(request)
        return web.json_response({"outcome": await street.press(board, key)})

    async def down(self, request: web.Request) -> web.Response:
        """{board, key} -> {finger}: it stays on the key; {outcome} when there is no such thing."""
        street = self.page.street
        board, key = await self._key(request)
        return web.json_response(await street.put_down(board, key))

    async def up(self, request: web.Request) -> web.Response:
        """{finger} -> {outcome}, as `Street.press` says it."""
        finger = (await request.json()).get("finger")
        if finger not in self.page.street.fingers:
            raise web.HTTPNotFound(text="no such finger is on a key")
        return web.json_response({"outcome": await self.page.street.let_go(finger)})

    async def _key(self, request: web.Request) -> tuple[str, str]:
        asked = await request.json()
        board, key = asked.get("board"), asked.get("key")
        if board not in self.page.street.walls or key not in GESTURES:
            raise web.HTTPNotFound(text="no such board or key")
        return board, key

    async def trouble(self, request: web.Request) -> web.Response:
        """{do, about}: one button -> what is broken now."""
        asked = await request.json()
        if not self.page.troubles.do(str(asked.get("do")), str(asked.get("about", ""))):
            raise web.HTTPNotFound(text="no such button, board or street")
        return web.json_response(self.page.troubles.state())

    async def seat(self, request: web.Request) -> web.Response:
        """{language}: log the browser in at the desk, unless it is, in that language; 503 while
        the hub does not answer."""
        seats = self.page.seats
        session = request.cookies.get(seats.cookie, "")
        response = web.json_response({})
        response.set_cookie(
            seats.language_cookie,
            await _language(request),
            max_age=seats.age_s,
            httponly=True,
            samesite="Strict",
        )
        try:
            if not session or not await seats.is_seated(session):
                session = await seats.log_in(VISITOR)
                response.set_cookie(
                    seats.cookie,
                    session,
                    max_age=seats.age_s,
                    httponly=True,
                    samesite="Strict",
                )
        except NoDesk as error:
            return web.json_response({"error": str(error)}, status=503)
        return response

    async def drill(self, request: web.Request) -> web.Response:
        """{do: start | end}, at the desk as a colleague -> the hub's own answer."""
        page, starts = self.page, (await request.json()).get("do") == "start"
        window = page.troubles.on_record().drill
        if starts:
            data: dict[str, Any] = {"sites": "all", "purpose": PURPOSE, "minutes": DRILL_MINUTES}
        else:
            data = {"window": window}
        try:
            answer = await page.seats.act(COLLEAGUE, "open_drill" if starts else "end_drill", data)
        except NoDesk as error:
            return web.json_response({"error": str(error)}, status=503)
        page.troubles.told()
        asyncio.get_running_loop().call_later(DRILL_MINUTES * 60 + 1, page.troubles.told)
        return web.json_response(answer)

    async def byte(self, request: web.Request) -> web.Response:
        """{language} -> as `flip_byte`."""
        language = await _language(request)
        async with self.busy:
            return await _answer(flip_byte(self.page.folder, language))

    async def world(self, request: web.Request) -> web.Response:
        """{language, name} -> as `broken_world`."""
        language = await _language(request)
        name = (await request.json()).get("name")
        if name not in BROKEN:
            raise web.HTTPNotFound(text="no such broken product")
        async with self.busy:
            return await _answer(broken_world(name, language))

    async def receipt(self, request: web.Request) -> web.Response:
        """{id}: the city's receipt for one event -> {sent}."""
        id_ = (await request.json()).get("id")
        if id_ not in [event["id"] for event in self.page.city.events]:
            raise web.HTTPNotFound(text="no such event")
        return web.json_response({"sent": self.page.city.receipt(id_)})


async def _language(request: web.Request) -> str:
    language = (await request.json()).get("language")
    return language if language in LOCALES else "zh"


async def _answer(experiment: Awaitable[dict[str, Any]]) -> web.Response:
    try:
        return web.json_response(await experiment)
    except (OSError, sqlite3.Error, TimeoutError) as error:
        return web.json_response({"error": str(error) or type(error).__name__}, status=503)


def _file(path: Path) -> Callable[[web.Request], Awaitable[web.Response]]:
    text = path.read_text("utf-8")

    async def serve(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=TYPES[path.suffix], charset="utf-8")

    return serve


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _guard(own: dict[str, str]) -> Any:
    """Another site open in the same browser may neither look nor press."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.url.host not in ("127.0.0.1", "localhost", "::1"):
            raise web.HTTPForbidden(text="ask for this page as 127.0.0.1")
        if request.method == "POST" and request.headers.get("Origin") != str(request.url.origin()):
            raise web.HTTPForbidden(text="only this page's own script may press")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(own)
        return response

    return guard
