"""`/admin/changes`: what was entered, by whom, and the way back."""

from typing import NamedTuple

from aiohttp import web

from hub.desk.access import VIEWER
from hub.desk.office.frame import Frame, fields, see
from hub.desk.office.records import Entered, change, changes, way_back
from hub.desk.office.registry import spelt
from hub.desk.office.registry.spelt import Part
from hub.desk.sentences import Say
from hub.desk.words import teller

PATH = "/admin/changes"
SHOWN = 50
ROWS_SHOWN = 12  # of one change; an import may have thousands


class Line(NamedTuple):
    """One row of a change; `name`: what people call it, where they do."""

    table: str
    id: str
    name: str
    what: str
    parts: list[Part]


class Changes:
    """The list, and putting one back."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.page), web.post(PATH, self.back)]

    async def page(self, request: web.Request) -> web.Response:
        return self._draw(request)

    def _draw(self, request: web.Request, problem: str = "") -> web.Response:
        now, say = self.frame.office.registry.tables, teller(request[VIEWER].language)
        sites = {id_: row["name"] for id_, row in now["sites"].items()}
        listed = [
            (each, *_lines(each, sites, say), way_back(each, now) is not None)
            for each in changes(self.frame.house.reader, SHOWN)
        ]
        return self.frame.page(request, "changes", problem, changes=listed)

    async def back(self, request: web.Request) -> web.Response:
        """`number`: its ledger row. Refused when what it touched has changed since."""
        number = (await fields(request)).get("number", "")
        found = change(self.frame.house.reader, int(number)) if number.isdecimal() else None
        if found is None:
            return self._draw(request, self.frame.gone(request))
        way = way_back(found, self.frame.office.registry.tables)
        if way is None:
            say = teller(request[VIEWER].language)
            return self._draw(request, say("fault.changed_since"))
        put, gone = way
        rows = {table: list(each.values()) for table, each in put.items()}
        if problem := self.frame.enter(request, rows, gone):
            return self._draw(request, problem)
        return see(PATH, "back")


def _lines(entered: Entered, sites: dict[str, str], say: Say) -> tuple[list[Line], int]:
    """-> (lines, how many more there are)."""
    touched = list(entered.touched())
    lines = []
    for table, id_, was, is_ in touched[:ROWS_SHOWN]:
        what = "new" if was is None else "gone" if is_ is None else "changed"
        row = is_ or was or {}
        name = str(row.get("name") or sites.get(row.get("site", ""), ""))
        if table == "settings":
            name = spelt.setting_name(id_, say)
        parts = list(spelt.differing(table, was, is_, sites, say)) if was and is_ else []
        lines.append(Line(table, id_, name, what, parts))
    return lines, len(touched) - len(lines)
