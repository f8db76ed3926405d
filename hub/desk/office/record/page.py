"""`/ledger`: the record as an auditor reads it, verifies it and takes it away (台账)."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from hub.desk.access import VIEWER
from hub.desk.office.frame import Frame
from hub.desk.office.record.audit import Asked, Check, Entry, export, find
from hub.desk.sentences import Say, clock, day, line, why_failed
from hub.desk.texts import WORDS
from hub.desk.words import teller
from hub.events import Audited
from hub.registry import Tables
from hub.rooms import ROOMS

PATH = "/ledger"
EXPORT_LINES = 1000
PART_MOST = 200  # characters of a row's contents in the list; the whole stands behind it
NUMBER_MOST = 15  # digits
NAMED = 4
EPOCH_MS = 10**12  # a number above it is a moment, ms UTC


class Record:
    """The list, the check, the export. One check at a time, for whoever asks."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.check: Check | None = None
        self.checking: asyncio.Task[None] | None = None

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(PATH, self.page),
            web.post(PATH, self.verify),
            web.get(f"{PATH}/export", self.export),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """`day`, `kind`, `actor`, `incident`, `before`: which rows."""
        say = teller(request[VIEWER].language)
        asked, problem = _asked(request, say)
        try:
            found = await asyncio.to_thread(find, self.frame.office.folder, asked)
        except sqlite3.Error as error:
            return web.Response(status=503, text=say("record.unreadable", why=error))
        last = found.entries[-1].number if found.entries else 0
        return self.frame.page(
            request,
            "record",
            problem,
            found=found,
            entries=[(each, _told(each, say), _whole(each)) for each in found.entries],
            kinds=sorted((say(f"row.{kind}"), kind) for kind in ROOMS.projections),
            people=[each.name for each in self.frame.accounts.users()],
            asked=asked,
            older=f"{PATH}?{urlencode(asked._replace(before=last)._asdict())}",
            check=self.check,
        )

    async def verify(self, request: web.Request) -> web.Response:
        """Begins to look through the whole chain; the page shows how far it is."""
        if self.checking is None or self.checking.done():
            actor = request[VIEWER].account.name
            self.check = Check(self.frame.office.folder, actor, self.frame.house.now().wall)
            self.checking = asyncio.create_task(self._look_through(self.check))
        return web.Response(status=303, headers={"Location": f"{PATH}#check"})

    async def _look_through(self, check: Check) -> None:
        await asyncio.to_thread(check.run)
        found = len(check.found) + bool(check.problem)
        self.frame.house.submit(Audited(check.by, "verified", check.rows, check.hash, found))

    async def export(self, request: web.Request) -> web.StreamResponse:
        """One JSON object a row, as the command prints it; that it was taken is on record."""
        folder, house = self.frame.office.folder, self.frame.house
        number, hash_ = self.frame.head()
        lines = export(folder, EXPORT_LINES, number)
        house.submit(Audited(request[VIEWER].account.name, "exported", number, hash_, 0))
        name = f"{house.settings.district}-{number}.jsonl"
        response = web.StreamResponse(
            headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )
        response.content_type = "application/jsonl"
        await response.prepare(request)
        while part := await asyncio.to_thread(next, lines, b""):
            await response.write(part)
        await response.write_eof()
        return response


def _asked(request: web.Request, say: Say) -> tuple[Asked, str]:
    """-> what the form asks for, and what is wrong with it."""
    texts = {name: request.query.get(name, "").strip() for name in Asked._fields}
    before = texts.pop("before")
    number = int(before) if before.isdecimal() and len(before) <= NUMBER_MOST else 0
    asked = Asked(**texts, before=number)
    if asked.without:
        asked = asked._replace(without="tests")
    if asked.kind and asked.kind not in ROOMS.projections:
        return asked._replace(kind=""), say("record.no_kind", kind=asked.kind[:40])
    if asked.day and asked.day_ms() is None:
        return asked._replace(day=""), say("record.no_day", day=asked.day[:40])
    return asked, ""


def _told(entry: Entry, say: Say) -> str:
    """What an officer's timeline would say of it; else the names and values of its body."""
    fact = entry.fact
    if fact is None:
        return say("record.erased")
    report = fact.body.get("report", {})
    if f"line.{report.get('kind', fact.kind)}" in WORDS:
        where = str(fact.body.get("site_name", ""))
        return f"{where} {line(fact, True, say, '').text}".strip()
    return " · ".join(_parts(fact.body, say))[:PART_MOST]


def _parts(body: dict[str, Any], say: Say) -> Iterator[str]:
    """Only what a program calls so keeps its name."""
    if "before" in body and "after" in body:
        yield from _entered(body["before"], body["after"], say)
        return
    for name, value in body.items():
        if name not in ("action", "desk", "incident") and value not in ("", [], {}, None):
            known = isinstance(value, str) and f"{name}.{value}" in WORDS
            text = say(f"{name}.{value}") if known else _value(value, say)
            yield f"{say(f'body.{name}') if f'body.{name}' in WORDS else name} {text}"


def _entered(before: Tables, after: Tables, say: Say) -> Iterator[str]:
    """Which rows of the registry or the settings were entered, changed and taken out, by name."""
    for table in {**before, **after}:
        was, is_ = before.get(table, {}), after.get(table, {})
        for key, ids in (
            ("new", is_.keys() - was.keys()),
            ("changed", is_.keys() & was.keys()),
            ("gone", was.keys() - is_.keys()),
        ):
            rows = [(is_.get(each) or was[each]) for each in sorted(ids)]
            names = [str(each.get("name") or each["id"]) for each in rows]
            if names:
                more = f" ... ({len(names)})" if len(names) > NAMED else ""
                named = " ".join(names[:NAMED]) + more
                yield f"{say(f'changes.{key}')} {say(f'table.{table}')} {named}"


def _value(value: Any, say: Say) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return " ".join(value)
    if isinstance(value, str):
        return why_failed(value, say)
    if isinstance(value, bool):
        return say("settings.yes" if value else "settings.no")
    if isinstance(value, int) and value > EPOCH_MS:
        return f"{day(value)} {clock(value)}"
    return json.dumps(value, ensure_ascii=False)


def _whole(entry: Entry) -> str:
    """The body as it is on record, for people to read."""
    return json.dumps(entry.fact.body, ensure_ascii=False, indent=1) if entry.fact else ""
