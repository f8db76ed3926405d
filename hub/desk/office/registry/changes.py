"""`/admin/changes`: what was entered, by whom, and the way back."""

import re
from typing import NamedTuple

from aiohttp import web

from hub.desk.access import VIEWER
from hub.desk.office.frame import Frame, fields, see
from hub.desk.office.records import Entered, change, changes, keys_given, way_back
from hub.desk.office.registry import spelt
from hub.desk.office.registry.spelt import Part
from hub.desk.sentences import Say
from hub.desk.words import teller
from hub.registry import Tables

PATH = "/admin/changes"
SHOWN = 50
NUMBER = re.compile(r"[0-9]{1,15}")
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
        """`ask`: the ledger row of a change: what putting it back would do, before it is done."""
        asked = self._found(request.query.get("ask", ""))
        if asked and (way := self._way(asked)):
            rows = {table: list(each.values()) for table, each in way[0].items()}
            if problem := self.frame.cannot(request, rows, way[1]):
                return self._draw(request, problem)
            return self._ask(request, asked, *way)
        return self._draw(request)

    def _found(self, number: str) -> Entered | None:
        reader = self.frame.house.reader
        return change(reader, int(number)) if NUMBER.fullmatch(number) else None

    def _way(self, entered: Entered) -> tuple[Tables, dict[str, list[str]]] | None:
        keys = keys_given(self.frame.house.reader)
        return way_back(entered, self.frame.office.registry.tables, keys)

    def _sites(self) -> dict[str, str]:
        tables = self.frame.office.registry.tables
        return {id_: row["name"] for id_, row in tables["sites"].items()}

    def _ask(
        self, request: web.Request, entered: Entered, put: Tables, gone: dict[str, list[str]]
    ) -> web.Response:
        before = {
            table: {
                id_: row
                for id_, row in rows.items()
                if id_ in put.get(table, {}) or id_ in gone.get(table, ())
            }
            for table, rows in entered.after.items()
        }
        back = entered._replace(before=before, after=put)
        lines, more = _lines(back, self._sites(), teller(request[VIEWER].language))
        asked = {
            "entered": entered,
            "lines": lines,
            "more": more,
            "gone": {table: len(ids) for table, ids in gone.items()},
        }
        return self.frame.page(request, "changes", asked=asked)

    def _draw(self, request: web.Request, problem: str = "") -> web.Response:
        now, say = self.frame.office.registry.tables, teller(request[VIEWER].language)
        sites, keys = self._sites(), keys_given(self.frame.house.reader)
        listed = [
            (each, *_lines(each, sites, say), way_back(each, now, keys) is not None)
            for each in changes(self.frame.house.reader, SHOWN)
        ]
        return self.frame.page(request, "changes", problem, changes=listed, asked=None)

    async def back(self, request: web.Request) -> web.Response:
        """`number`: its ledger row. Refused when what it touched has changed since."""
        found = self._found((await fields(request)).get("number", ""))
        if found is None:
            return self._draw(request, self.frame.gone(request))
        way = self._way(found)
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
