"""`/admin/changes`: what was entered, by whom, and the way back."""

from typing import Any, NamedTuple

from aiohttp import web

from hub.desk.access import VIEWER
from hub.desk.office.frame import Frame, fields, see
from hub.desk.office.records import Entered, change, changes, way_back
from hub.desk.words import teller
from hub.registry import Row

PATH = "/admin/changes"
SHOWN = 50
ROWS_SHOWN = 12  # of one change; an import may have thousands


class Line(NamedTuple):
    """One row of a change: `parts` (name, before, after) that differ."""

    table: str
    id: str
    name: str
    what: str
    parts: list[tuple[str, str, str]]


class Changes:
    """The list, and putting one back."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.page), web.post(PATH, self.back)]

    async def page(self, request: web.Request) -> web.Response:
        return self._draw(request)

    def _draw(self, request: web.Request, problem: str = "") -> web.Response:
        now = self.frame.office.registry.tables
        listed = [
            (each, *_lines(each), way_back(each, now) is not None)
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


def _lines(entered: Entered) -> tuple[list[Line], int]:
    """-> (lines, how many more there are)."""
    touched = list(entered.touched())
    lines = []
    for table, id_, was, is_ in touched[:ROWS_SHOWN]:
        what = "new" if was is None else "gone" if is_ is None else "changed"
        row = is_ or was or {}
        parts = _differing(was, is_) if was and is_ else []
        lines.append(Line(table, id_, str(row.get("name") or row.get("site") or ""), what, parts))
    return lines, len(touched) - len(lines)


def _differing(was: Row, is_: Row) -> list[tuple[str, str, str]]:
    return [
        (part, _spelt(was.get(part)), _spelt(is_.get(part)))
        for part in {**was, **is_}
        if was.get(part) != is_.get(part)
    ]


def _spelt(value: Any) -> str:
    """As people read it; contacts as their names, hours and phones."""
    if isinstance(value, list):
        return "；".join(_spelt(each) for each in value)
    if isinstance(value, dict):
        return " ".join(_spelt(each) for each in value.values())
    if isinstance(value, bool):
        return "√" if value else "×"
    return "" if value is None else str(value)
