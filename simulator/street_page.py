"""The street's page: boards as they look on the wall, lamps lit by their own firmware.

It shows what each board's process says of its own panel, and moves nothing but that process's
input. One page, one script, nothing from outside this machine.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import web

from simulator.fingers import Gesture, NoAnswer, NoSuchKey, move

STATIC = Path(__file__).parent / "static"
SERVED = {
    "/": ("street.html", "text/html"),
    "/street.css": ("street.css", "text/css"),
    "/street.js": ("street.js", "text/javascript"),
    "/street-words.js": ("street_words.js", "text/javascript"),
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
LAMPS = ("calling", "stored", "taken", "fault")
STEADY = ("off", "on", "slow", "fast")
DARK = dict.fromkeys(LAMPS, "off")
# what the page's keys do: the red one, the grey one, the hidden input
GESTURES = {
    "red": Gesture("alarm"),
    "red-hold": Gesture("alarm", 3000),
    "grey": Gesture("confirm"),
    "grey-3": Gesture("confirm", 3000),
    "grey-5": Gesture("confirm", 5000),
    "duress": Gesture("duress"),
}
KEEPALIVE_S = 5.0
LOOK_S = 0.25


class Wall(NamedTuple):
    """What is known of a board before it says anything. `process` -> running, frozen or dead."""

    id: str
    site: str
    street: str
    place: str
    lamps: int
    pager: bool
    covert: bool
    folder: Path
    process: Callable[[], str]


class Street:
    """The boards, and who looks at them. `about`: facts for the page's head."""

    def __init__(self, walls: list[Wall], about: dict[str, Any]) -> None:
        self.walls = {wall.id: wall for wall in walls}
        self.about = about
        self.panels: dict[str, dict[str, Any]] = {}
        self.told: dict[str, str] = {}  # board -> the state its viewers know
        self.viewers: set[asyncio.Queue[dict[str, Any]]] = set()

    def heard(self, board: str, line: bytes) -> None:
        """One line of the board's stdout: its panel."""
        try:
            panel = json.loads(line)
        except ValueError:
            return
        if isinstance(panel, dict) and panel.get("id") == board:
            self.panels[board] = panel
            self._tell(self.view(board, panel.get("tones", [])))

    def view(self, board: str, tones: list[str] | None = None) -> dict[str, Any]:
        """What a viewer needs to draw the board; a dead one is dark."""
        state = self.walls[board].process()
        self.told[board] = state
        if state == "dead":
            self.panels.pop(board, None)
        panel = self.panels.get(board, {})
        return {
            "id": board,
            "state": state,
            "lamps": panel.get("lamps", DARK),
            "grey": panel.get("grey", "off"),
            "led": panel.get("led", "off"),
            "display": panel.get("display", ""),
            "tones": tones or [],
        }

    def boards(self) -> list[dict[str, Any]]:
        """`boards.json`: each board's lamps in five words, whatever the rhythm's exact name."""
        return [self._plain(wall, self.view(wall.id)) for wall in self.walls.values()]

    def _plain(self, wall: Wall, view: dict[str, Any]) -> dict[str, Any]:
        lamps = {
            lamp: pattern if pattern in STEADY else "blip"
            for lamp, pattern in view["lamps"].items()
        }
        return {
            "id": wall.id,
            "site": wall.site,
            "place": wall.place,
            "lamps": lamps,
            "display": view["display"],
            "alive": view["state"] != "dead",
            "frozen": view["state"] == "frozen",
        }

    def all_heard(self) -> bool:
        """Has every board been answered by the hub, by its own word?"""
        panels = [self.panels.get(board, {}).get("lamps", DARK) for board in self.walls]
        return all(
            lamps["stored"] == "on" or (lamps["calling"] != "off" and lamps["fault"] == "off")
            for lamps in panels
        )

    async def watch(self) -> None:
        """Tell viewers of processes that died, froze or came back: they cannot say so."""
        while True:
            for board, wall in self.walls.items():
                if self.told.get(board) != wall.process():
                    self._tell(self.view(board))
            await asyncio.sleep(LOOK_S)

    def _tell(self, view: dict[str, Any]) -> None:
        for viewer in self.viewers:
            viewer.put_nowait(view)

    async def changes(self) -> AsyncIterator[dict[str, Any] | None]:
        """Views of all boards, then of each that changes; None now and then."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.viewers.add(queue)
        try:
            for board in self.walls:
                yield self.view(board)
            while True:
                try:
                    yield await asyncio.wait_for(queue.get(), KEEPALIVE_S)
                except TimeoutError:
                    yield None
        finally:
            self.viewers.discard(queue)

    def plan(self) -> dict[str, Any]:
        """What does not change: the page draws the walls from it."""
        boards = [
            {
                "id": wall.id,
                "site": wall.site,
                "street": wall.street,
                "place": wall.place,
                "lamps": wall.lamps,
                "pager": wall.pager,
                "covert": wall.covert,
            }
            for wall in self.walls.values()
        ]
        return {**self.about, "boards": boards}

    async def press(self, board: str, name: str) -> str:
        """-> saved, meant (no report comes of it), unsaved, nothing, silent or no_key."""
        try:
            outcome = await asyncio.to_thread(move, self.walls[board].folder, GESTURES[name])
        except NoAnswer:
            return "silent"
        except NoSuchKey:
            return "no_key"
        if outcome.unsaved or (GESTURES[name].key != "confirm" and not outcome.saved):
            return "unsaved"
        if outcome.nothing:
            return "nothing"
        return "saved" if outcome.saved else "meant"


def app(street: Street) -> web.Application:
    """The page's routes, for this machine's own browser only."""
    application = web.Application(middlewares=[_guard])
    for path, (file, kind) in SERVED.items():
        application.router.add_get(path, _file(STATIC / file, kind))

    async def plan(_request: web.Request) -> web.Response:
        return web.json_response(street.plan())

    async def boards(_request: web.Request) -> web.Response:
        return web.json_response(street.boards())

    async def events(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **HEADERS})
        await response.prepare(request)
        try:
            async for view in street.changes():
                line = f"data: {json.dumps(view)}\n\n" if view else "event: alive\ndata:\n\n"
                await response.write(line.encode())
        except ConnectionResetError:
            return response  # the page was closed
        return response

    async def press(request: web.Request) -> web.Response:
        asked = await request.json()
        if asked.get("board") not in street.walls or asked.get("key") not in GESTURES:
            raise web.HTTPNotFound(text="no such board or key")
        return web.json_response({"outcome": await street.press(asked["board"], asked["key"])})

    application.router.add_get("/plan.json", plan)
    application.router.add_get("/boards.json", boards)
    application.router.add_get("/events", events)
    application.router.add_post("/press", press)
    return application


def _file(path: Path, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    text = path.read_text("utf-8")

    async def serve(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=kind, charset="utf-8")

    return serve


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Another site open in the same browser may neither look nor press."""
    if request.url.host not in ("127.0.0.1", "localhost", "::1"):
        raise web.HTTPForbidden(text="ask for this page as 127.0.0.1")
    if request.method == "POST" and request.headers.get("Origin") != str(request.url.origin()):
        raise web.HTTPForbidden(text="only this page's own script may press")
    response = await handler(request)
    if not response.prepared:
        response.headers.update(HEADERS)
    return response
