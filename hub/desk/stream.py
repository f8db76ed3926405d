"""GET /events: one stream for each page. A (re)connecting page gets the whole state, then what
has changed, and at least a beat each 2 s: its watchdog counts the silence."""

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress

from aiohttp import web

from hub.desk.access import SESSION, VIEWER, refuse
from hub.desk.accounts import Accounts
from hub.desk.forms import is_desk
from hub.desk.pages import State, Viewer
from hub.desk.words import teller
from hub.events import DeskGone
from hub.house import House

BEAT_S = 2.0
KEPT_S = 3600.0
REST_S = 0.03  # a change is drawn at once, and what follows within this once more
SHARE = 5  # a page draws for at most a sixth of the time: presses and receipts go first
WRITE_S = 10.0  # a page that reads nothing for so long is gone
RETRY_MS = 1000

log = logging.getLogger("qianshao.desk")


class Streams:
    """All open pages; each draws itself anew when the house says that something has changed."""

    def __init__(
        self, house: House, accounts: Accounts, views: Mapping[str, Callable[[Viewer], State]]
    ) -> None:
        self.house = house
        self.accounts = accounts
        self.views = views
        self.desks: Counter[str] = Counter()
        self.closing = False

    async def stop(self, _app: web.Application) -> None:
        """Ends every stream, so that the server can stop at once."""
        self.closing = True
        for each in self.house.followers:
            each.set()

    async def events(self, request: web.Request) -> web.StreamResponse:
        """`desk`: the page's own id; `view`: which page it is. Last-Event-ID needs no answer of
        its own: the state that follows is whole, whatever was missed."""
        desk = request.query.get("desk", "")
        if not is_desk(desk):
            say = teller(request[VIEWER].language)
            return refuse(400, say("refused.form", field="desk", wanted="16 hex"))
        draw = self.views.get(request.query.get("view", "desk"))
        if draw is None:
            say = teller(request[VIEWER].language)
            return refuse(400, say("refused.form", field="view", wanted=" ".join(self.views)))
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        )
        changed = asyncio.Event()
        self.house.followers.add(changed)
        self.desks[desk] += 1
        try:
            await response.prepare(request)
            await _write(response, f"retry: {RETRY_MS}\n\n")
            await self._follow(request, response, changed, draw)
        except (ConnectionError, TimeoutError):
            log.debug("the page of desk %s is gone", desk)
        finally:
            self.house.followers.discard(changed)
            self.desks[desk] -= 1
            if not self.desks[desk]:
                del self.desks[desk]
                self.house.submit(DeskGone(desk))
        return response

    async def _follow(
        self,
        request: web.Request,
        response: web.StreamResponse,
        changed: asyncio.Event,
        draw: Callable[[Viewer], State],
    ) -> None:
        viewer, session = request[VIEWER], request[SESSION]
        before: State | None = None
        kept = 0.0
        while not self.closing:
            if self.accounts.whose(session) != viewer.account:
                await _write(response, "event: over\ndata: {}\n\n")
                return
            changed.clear()
            start = time.monotonic()
            # the wall has no hands that could keep its session
            if request.query.get("view") == "wall" and start - kept > KEPT_S:
                self.accounts.touch(session)
                kept = start
            state = draw(viewer)
            text = message(before, state)
            drawing_s = time.monotonic() - start
            await _write(response, text)
            before = state
            await asyncio.sleep(max(REST_S, SHARE * drawing_s))
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_S):
                    await changed.wait()


def message(before: State | None, state: State) -> str:
    """The event that turns a page showing `before` (None: nothing yet) into `state`."""
    rows, parts = state.rows, state.parts
    if before:
        rows = {id_: row for id_, row in rows.items() if before.rows.get(id_) != row}
        parts = {id_: part for id_, part in parts.items() if before.parts.get(id_) != part}
    data = json.dumps(state._replace(rows=rows, parts=parts)._asdict(), ensure_ascii=False)
    return f"id: {state.number}\nevent: state\ndata: {data}\n\n"


async def _write(response: web.StreamResponse, text: str) -> None:
    async with asyncio.timeout(WRITE_S):
        await response.write(text.encode())
