"""Is the duty room ready: what people must have entered, and which boards have spoken."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from hub import week
from hub.doctor.finding import Finding, Words, fine, missing, note
from hub.doctor.folder import tables
from hub.folder import Folder
from hub.words import Sentence

NAMED = 3  # so many of them are named
Row = dict[str, Any]


def look(folder: Folder) -> Iterator[Finding]:
    """Every look at an existing data folder's people and boards."""
    copy = folder.registry.with_suffix(".json.bak")
    found = tables(folder.registry) or tables(copy)
    if found is None and (folder.registry.exists() or copy.exists()):
        return  # told already: nothing is known of it
    found = found or {}
    ready = entered(folder, found)
    if ready is not None:
        yield ready
    yield from boards(folder, _rows(found, "boards"))
    yield from nobody(folder)
    yield from hours(_rows(found, "sites"), _rows(found, "people"), int(time.time() * 1000))


def _rows(found: dict[str, dict[str, Any]], table: str) -> list[Row]:
    return [each for each in found.get(table, {}).values() if isinstance(each, dict)]


def entered(folder: Folder, found: dict[str, dict[str, Any]]) -> Finding | None:
    """What must be there before the hub can call anybody; None where settings cannot be read."""
    what = ("值守准备", "Ready for duty")
    try:
        phone = folder.settings().duty_phone
    except Sentence:
        return None  # told above
    people = _rows(found, "people")
    reached = _reached(folder, people)
    some = any(each.get("ways") for each in people)
    why_none = (
        ("没有一个人的通知方式能用", "no way to anybody entered can work")
        if some
        else ("没有人可通知", "nobody to tell")
    )
    lacking: Iterator[tuple[object, Words, Words]] = iter(
        (
            (phone, ("没有填值班电话", "no duty phone"), ("“建站”", "/setup")),
            (found.get("sites"), ("还没有地点", "no site yet"), ("“建站”", "/setup")),
            (found.get("boards"), ("还没有终端", "no board yet"), ("“终端”", "/admin/boards")),
            (reached, why_none, ("“人员”", "/admin/people")),
        )
    )
    for there, (zh, en), (page, path) in lacking:
        if not there:
            step = (f"管理员登录页面，在{page}里填", f"an administrator enters it on {path}")
            return missing(what, (zh, en), step)
    return fine(
        what, ("电话、地点、终端、人员都有", "phone, sites, boards and people are entered")
    )


def _reached(folder: Folder, people: list[Row]) -> list[Row]:
    """Those to whom a way could ever work; where the hub would refuse the registry, which has been
    told, or its packages are not here, those who have one."""
    entered = [each for each in people if each.get("ways")]
    try:
        from hub.channels.channel import Facts
        from hub.channels.plan import with_hope
        from hub.registry import Registry
        from hub.store import connect_reader

        with closing(connect_reader(folder.ledger)) as db:
            facts = Facts(db, Registry(folder.registry), folder.settings(), broker_up=True)
            return [each for each in with_hope(entered, facts) if each["ways"]]
    except (ImportError, Sentence, sqlite3.Error):
        return entered


def boards(folder: Folder, enrolled: list[Row]) -> Iterator[Finding]:
    """Which have never spoken, and which are silent now; those under repair (检修) apart."""
    what = ("终端", "Boards")
    try:
        with closing(sqlite3.connect(f"file:{folder.ledger}?mode=ro", uri=True)) as db:
            states = dict(db.execute("SELECT board, state FROM equipment").fetchall())
            out = {
                (scope, id_) for scope, id_ in db.execute("SELECT scope, id FROM out_of_service")
            }
    except sqlite3.Error:
        return  # what is wrong with the file itself has been said
    ids = [
        str(each.get("id"))
        for each in enrolled
        if not out & {("board", each.get("id")), ("site", each.get("site"))}
    ]
    never = [each for each in ids if each not in states]
    lost = [each for each in ids if states.get(each) == "lost"]
    if never:
        yield missing(
            what,
            (f"{_named(never)} 从未联系", f"never heard: {_named(never)}"),
            (
                "给它通电、接网；仍不来，在“终端”页核对编号和密钥，或删去它",
                (
                    "power and connect it; if it stays silent, compare its id and key on"
                    " /admin/boards, or remove it there"
                ),
            ),
        )
    if lost:
        yield note(what, (f"{_named(lost)} 断线", f"lost: {_named(lost)}"))
    if ids and not never and not lost:
        yield fine(what, (f"{len(ids)} 台都在", f"all {len(ids)} are in contact"))


def nobody(folder: Folder) -> Iterator[Finding]:
    """What the hub itself said last of who could be reached (无人可通知)."""
    try:
        with closing(sqlite3.connect(f"file:{folder.ledger}?mode=ro", uri=True)) as db:
            row = db.execute("SELECT value FROM about WHERE key = 'unreachable'").fetchone()
    except sqlite3.Error:
        return  # what is wrong with the file itself has been said
    if row and json.loads(row[0]):
        told = (
            "现在有人按下按钮，没有人会接到：看页面“现在会通知谁”",
            "a press now would come to nobody: see the page /who",
        )
        yield note(("主机最近说", "The hub said last"), told)


def _named(ids: list[str]) -> str:
    names = " ".join(ids[:NAMED])
    return names if len(ids) <= NAMED else f"{names} ... ({len(ids)})"


def hours(sites: list[Row], people: list[Row], wall: int) -> Iterator[Finding]:
    """Who is there at this hour."""
    what = ("此刻", "At this hour")
    alone = [
        str(each.get("name")) for each in sites if not _covered(each.get("contacts") or (), wall)
    ]
    if alone:
        yield note(what, (f"{_named(alone)} 无联系人", f"no contact for {_named(alone)}"))
    told = [each for each in people if each.get("ways")]
    if told and not any(not each.get("hours") or _covered(each["hours"], wall) for each in told):
        yield note(what, ("没有人在班可通知", "of those to be told nobody is on duty"))


def _covered(spans: Any, wall: int) -> bool:
    """What the hub would refuse covers nothing."""
    return isinstance(spans, list) and any(
        not week.wrong(each) and week.covers(each, wall) for each in spans
    )
