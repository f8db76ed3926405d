"""`/setup`: from an empty hub to one on duty: the duty room's name and phone, then its sites from
a sheet, looked at before anything is entered."""

from typing import Any

from aiohttp import web

from hub.desk.access import VIEWER
from hub.desk.office import entries
from hub.desk.office.entries import Wrong
from hub.desk.office.first_run import sheet
from hub.desk.office.first_run.sheet import Sheet
from hub.desk.office.frame import LISTED, Frame, fields, see, why
from hub.desk.office.overview import steps
from hub.desk.office.records import ever_given, stamp
from hub.desk.office.registry import spelt
from hub.desk.words import LANGUAGES, teller
from hub.registry import SITE_FACTS, Row
from hub.words import Sentence

PATH = "/setup"
FAULTS_MOST = 50  # listed at once


class Setup:
    """The room's form, the sheet's form, the preview, and the entering."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(PATH, self.page),
            web.post(PATH, self.act),
            web.get(f"{PATH}/sample.csv", self.sample),
        ]

    async def page(self, request: web.Request) -> web.Response:
        return self._draw(request)

    def _draw(self, request: web.Request, problem: str = "", **more: Any) -> web.Response:
        try:
            written = self.frame.office.folder.settings()
        except Sentence as sentence:
            problem = problem or sentence.both[LANGUAGES.index(request[VIEWER].language)]
            written = self.frame.house.settings
        facts = {
            "room": {"name": written.name, "duty_phone": written.duty_phone},
            "steps": steps(self.frame, written),
            "sites": self.frame.office.registry.sites,
            "text": "",
            "preview": None,
            "faults": [],
        }
        return self.frame.page(request, "setup", problem, **{**facts, **more})

    async def act(self, request: web.Request) -> web.Response:
        """`do`: room, preview or import."""
        given = await fields(request)
        if given.get("do") == "room":
            return self._room(request, given)
        file, data = (await request.post()).get("file"), b""
        if isinstance(file, web.FileField):
            with file.file:
                data = file.file.read()
        try:
            text = sheet.decode(data) if data else given.get("text", "")
            if not text.strip():
                raise Wrong("sheet", "nothing")
        except Wrong as wrong:
            return self._draw(request, self.frame.told(request, wrong))
        found = self._read(text)
        if found.faults or given.get("do") != "import":
            return self._show(request, text, found)
        seen = self._stamp(found)
        if given.get("seen", seen) != seen:
            return self._show(request, text, found, self.frame.meanwhile(request))
        if problem := self.frame.enter(request, {"sites": found.sites}):
            return self._draw(request, problem, text=text)
        return see(PATH, "imported")

    def _read(self, text: str) -> Sheet:
        known = self.frame.office.registry.sites
        given = ever_given(self.frame.house.reader, "sites") | known.keys()
        return sheet.read(text, known, given.__contains__)

    def _stamp(self, found: Sheet) -> str:
        """Of the known sites that it would change, as they are."""
        known = self.frame.office.registry.sites
        return stamp({row["id"]: known.get(row["id"]) for row in found.sites})

    def _show(
        self, request: web.Request, text: str, found: Sheet, problem: str = ""
    ) -> web.Response:
        """What the sheet would do; or every fault, and then it does nothing."""
        say = teller(request[VIEWER].language)
        if found.faults:
            faults = [
                say(
                    "fault.cell",
                    line=fault.line,
                    column=fault.column,
                    field=say(f"field.{fault.wrong.field}"),
                    why=why(say, fault.wrong),
                )
                for fault in found.faults[:FAULTS_MOST]
            ]
            if (more := len(found.faults) - FAULTS_MOST) > 0:
                faults.append(say("fault.sheet_more", count=more))
            return self._draw(request, say("fault.sheet_faults"), text=text, faults=faults)
        known = self.frame.office.registry.sites
        what = [_kind(known.get(row["id"]), row) for row in found.sites]
        preview = {
            "rows": [
                (kind, row, _people(row), list(spelt.differing("sites", old, row, {}, say)))
                for kind, row in zip(what[:LISTED], found.sites, strict=False)
                for old in (known.get(row["id"]) or _bare(row),)
            ],
            "more": max(0, len(what) - LISTED),
            "counts": {kind: what.count(kind) for kind in KINDS},
            "unread": found.unread,
            "seen": self._stamp(found),
        }
        return self._draw(request, problem, text=text, preview=preview)

    def _room(self, request: web.Request, given: dict[str, str]) -> web.Response:
        """`name` and `duty_phone` of the duty room, into `qianshao.toml`."""
        try:
            values = {
                "name": entries.name("room", given.get("name", "")),
                "duty_phone": entries.phone(given.get("duty_phone", "")),
            }
        except Wrong as wrong:
            return self._draw(request, self.frame.told(request, wrong), room=given)
        if problem := self.frame.set(request, values):
            return self._draw(request, problem, room=given)
        return see(PATH, "saved")

    async def sample(self, request: web.Request) -> web.Response:
        """A sheet to fill in."""
        return web.Response(
            body=sheet.sample(request[VIEWER].language),
            content_type="text/csv",
            charset="utf-8",
            headers={"Content-Disposition": 'attachment; filename="qianshao-sites.csv"'},
        )


KINDS = ("new", "changed", "same")


def _people(row: Row) -> str:
    """Who answers there, on one line."""
    lines = (entries.typed(each) for each in row["contacts"])
    return " · ".join(
        f"{line.role} {line.name} {line.phone} {line.from_}-{line.until} {line.days}".strip()
        for line in lines
    )


def _bare(row: Row) -> Row:
    """Without what whoever goes there must know: of a new site the preview tells that as well."""
    return {part: value for part, value in row.items() if part not in SITE_FACTS}


def _kind(old: Row | None, row: Row) -> str:
    return "new" if old is None else "same" if old == row else "changed"
