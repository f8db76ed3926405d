"""`/admin`: what is wrong with the ledger, how complete it all is, and where to go on."""

import asyncio
import secrets
from typing import NamedTuple

from aiohttp import web

from hub import emergency
from hub.desk.access import VIEWER
from hub.desk.office.entries import uncovered
from hub.desk.office.frame import Frame, fields, see
from hub.desk.office.registry.people import reached, silences
from hub.desk.words import teller
from hub.events import Action
from hub.settings import Settings

ACT_S = 8.0


class Step(NamedTuple):
    """One step from an empty hub to one that is proven; `left`: how many things it still lacks;
    `waits`: there is nothing yet that could lack them."""

    name: str
    path: str
    left: int
    waits: bool = False


def steps(frame: Frame, written: Settings) -> list[Step]:
    """In the order in which they are done; `written`: what stands in `qianshao.toml`."""
    registry, reader = frame.office.registry, frame.house.reader
    sites, boards, streets = registry.sites, registry.boards(), frame.streets()
    with_boards = {registry.tables["boards"][board]["site"] for board in boards}
    heard = {row["board"] for row in reader.execute("SELECT board FROM equipment")}
    return [
        Step("room", "/setup", 0 if written.duty_phone else 1),
        Step("sites", "/setup", 0 if sites else 1),
        Step(
            "contacts",
            "/admin/sites?lacks=contacts",
            sum(1 for site in sites.values() if uncovered(site["contacts"])) if sites else 1,
            not sites,
        ),
        Step(
            "boards",
            "/admin/boards",
            sum(1 for site in sites if site not in with_boards) if sites else 1,
            not sites,
        ),
        Step(
            "people",
            "/admin/people",
            len(silences(reached(frame), streets)) if streets else 1,
            not streets,
        ),
        Step(
            "heard",
            "/admin/boards?lacks=heard",
            sum(1 for each in boards if each not in heard) if boards else 1,
            not boards,
        ),
    ]


class Overview:
    """The first page of the office."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/admin", self.page), web.post("/admin", self.read)]

    async def page(self, request: web.Request) -> web.Response:
        return self._draw(request)

    def _draw(self, request: web.Request, problem: str = "") -> web.Response:
        tables = self.frame.office.registry.tables
        return self.frame.page(
            request,
            "overview",
            problem,
            steps=steps(self.frame, self.frame.written()),
            counts={table: len(rows) for table, rows in tables.items()},
            warnings=emergency.unread(self.frame.house.reader),
            id=secrets.token_hex(8),
        )

    async def read(self, request: web.Request) -> web.Response:
        """`row`: of the warning that has been read (已知悉); `id`: the form's own."""
        given, viewer = await fields(request), request[VIEWER]
        account, say = viewer.account, teller(viewer.language)
        number = given.get("row", "")
        row = int(number) if number.isdecimal() and len(number) < 16 else 0
        id_ = given.get("id") or secrets.token_hex(8)
        act = Action(id_, "office", account.name, account.role, "read_warning", "", {"row": row})
        try:
            async with asyncio.timeout(ACT_S):
                answer = await self.frame.house.act(act)
        except TimeoutError:
            return self._draw(request, say("refused.busy"))
        if answer.code not in ("ok", "again"):
            return self._draw(request, say(f"answer.{answer.code}", **answer.detail))
        return see("/admin", "saved")
