"""The registry: sites and boards in one file that a person can read and mend.

TinyDB over a storage of our own: loaded whole, replaced whole (temporary file, fsync, rename),
and a copy of it kept as `.bak`. A torn file costs nothing but a notice.
"""

import difflib
import fcntl
import json
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tinydb import TinyDB, where
from tinydb.middlewares import CachingMiddleware
from tinydb.storages import Storage

from hub import week
from hub.channels.messages import LANGUAGES
from hub.channels.table import CHANNELS
from hub.folder import whole_file
from hub.intake import SELF_TEST
from hub.words import Sentence

Row = dict[str, Any]
Tables = dict[str, dict[str, Row]]  # table -> id -> row
Notice = tuple[str, str]  # zh, en

# what whoever goes there must know (危险源, 钥匙和进门, 预案), in words
SITE_FACTS = ("hazards", "access", "plan")

# what the hub reads of each row without asking whether it is there
FIELDS: dict[str, dict[str, type]] = {
    "sites": {"id": str, "name": str, "street": str, "contacts": list},
    "boards": {"id": str, "site": str, "simulated": bool},
    "people": {"id": str, "name": str, "post": str, "hours": list, "ways": list},
}
# and of each entry of these lists
ENTRIES: dict[tuple[str, str], dict[str, type]] = {
    ("sites", "contacts"): {"name": str, "phone": str},
    ("people", "hours"): {},
    ("people", "ways"): {"channel": str, "address": str},
}
# what it reads beside that, where it is there
OPTIONAL: dict[str, tuple[str, ...]] = {
    "sites": ("covert", "restricted", "office", "test_period_days", *SITE_FACTS),
    "boards": ("place", "pager", "lamps", "keys", "key_number"),
    "people": ("leader", "street", "phone", "language"),
    "contacts": ("role", *week.PARTS),
    "hours": week.PARTS,
    "ways": (),
}
KNOWN = {
    name: [*fields, *OPTIONAL[name]]
    for name, fields in (*FIELDS.items(), *((name, each) for (_, name), each in ENTRIES.items()))
}
TYPES: dict[type, Notice] = {
    str: ("文字", "a text"),
    list: ("列表 [...]", "a list [...]"),
    bool: (" true 或 false", "true or false"),
}
SPANS = (("sites", "contacts"), ("people", "hours"))
RIGHT: dict[str, Notice] = {
    "from": ("0 到 23.75（一刻为 0.25）", "0..23.75, in quarters"),
    "until": ("0 到 24（一刻为 0.25）", "0..24, in quarters"),
    "days": ("[1..7]", "[1..7]"),
}

OF_TINYDB = "_default"  # a table that it may make of itself
NEVER = (0, 0)  # the stamp of a file that is not there

BOARD_DEFAULTS: Row = {"pager": False, "lamps": 3, "key_number": 1}

# the reserved board whose presses prove the way: no site, no incident
SELF_TEST_BOARD: Row = {
    "id": SELF_TEST,
    "site": SELF_TEST,
    "site_name": "自检",
    "street": "",
    "covert": False,
    "simulated": True,
    "pager": False,
}


class Change(NamedTuple):
    """The rows that differ, as they were and as they are; absent: there was, there is none."""

    before: Tables
    after: Tables


def difference(old: Tables, new: Tables) -> Change:
    """What turns `old` into `new`."""
    before: Tables = {}
    after: Tables = {}
    for table in FIELDS:
        was, is_ = old.get(table, {}), new.get(table, {})
        for id_ in {**was, **is_}:
            if was.get(id_) != is_.get(id_):
                if id_ in was:
                    before.setdefault(table, {})[id_] = was[id_]
                if id_ in is_:
                    after.setdefault(table, {})[id_] = is_[id_]
    return Change(before, after)


class WholeFile(Storage):
    """One JSON file, replaced in one step. `notices` say so when the .bak had to serve."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.backup = path.with_suffix(path.suffix + ".bak")
        self.notices: list[Notice] = []

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Raises Sentence when neither the file nor its .bak can be read."""
        if not self.path.exists() and not self.backup.exists():
            return None
        tables = _load(self.path)
        if tables is None:
            tables = _load(self.backup)
            if tables is None:
                raise Sentence(
                    f"{self.path} 和它的 .bak 都读不出来：请从备份恢复其中一个。",
                    f"Neither {self.path} nor its .bak can be read: restore one from a backup.",
                )
            damaged = (
                f"登记册 {self.path.name} 已损坏，正在使用副本 {self.backup.name}。",
                f"The registry {self.path.name} is damaged; {self.backup.name} is in use.",
            )
            self.notices = [damaged]
        return tables

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """The file first, then its copy: one of them is whole at any instant. What cannot be read,
        because somebody is mending it or a disk has torn it, is kept beside it. Raises OSError."""
        if self.path.exists() and _load(self.path) is None:
            self.path.replace(self.path.with_suffix(self.path.suffix + ".unread"))
        text = json.dumps(data, ensure_ascii=False, indent=1)
        whole_file(self.path, text)
        whole_file(self.backup, text)


def _load(path: Path) -> dict[str, dict[str, Any]] | None:
    """TinyDB's tables of numbered rows, or None when the file is not that."""
    try:
        tables = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    whole = isinstance(tables, dict) and all(
        isinstance(rows, dict)
        and all(number.isdecimal() and isinstance(row, dict) for number, row in rows.items())
        for rows in tables.values()
    )
    return tables if whole else None


class Registry:
    """What the hub asks for each message: plain look-ups in what was loaded.

    A site: {id, name, street, covert, office?, hazards?, access?, plan?, contacts: [{from, until,
    days?, name, phone, role?}]}, the first that covers the hour answers there; office: a street's
    own duty room (街道值班室). A board: {id, site, place?: where on the site it is (位置),
    simulated, pager, lamps, keys?: which it has, as a board's file says them, key_number}. A
    person whom the hub tells, in the file's order: {id, name, post, leader?: leads while on duty
    (带班领导), street?: of its incidents only, phone?: for people to read, language?: zh or en,
    hours: [{from, until, days?}], ways: [{channel, address}]}. Hours as in `hub/week.py`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tables: Tables = {}
        self.notices: list[Notice] = []
        self.reload()

    def reload(self) -> Change:
        """Read the file again. Raises Sentence; then what was loaded stays."""
        stamp = self._stamp()
        storage = WholeFile(self.path)
        database = TinyDB(storage=lambda: storage)
        tables: Tables = {}
        for table, fields in FIELDS.items():
            rows = [dict(row) for row in database.table(table).all()]
            for row in rows:
                self._check(table, row, fields)
            tables[table] = {row["id"]: row for row in rows}
        change = difference(self.tables, tables)
        self.stamp, self.tables = stamp, tables
        others = [name for name in storage.read() or {} if name not in (*FIELDS, OF_TINYDB)]
        self.notices = [*storage.notices, *_unread(self.path, tables, others)]
        self.real = any(not board["simulated"] for board in tables["boards"].values())
        sites = {board["site"] for board in tables["boards"].values()}
        self.with_boards = sorted(
            {tables["sites"].get(each, {}).get("street", "") for each in sites}
        )
        self.quarter: tuple[int, dict[str, str]] = (0, {})  # a quarter, and its contacts by site
        self.with_site = {name: self._with_site(row) for name, row in tables["boards"].items()}
        return change

    @property
    def sites(self) -> dict[str, Row]:
        """Every site by its id."""
        return self.tables["sites"]

    def changed(self) -> bool:
        """Whether somebody has replaced the file since it was loaded."""
        return self._stamp() != self.stamp

    def put(self, table: str, rows: Iterable[Row]) -> Change:
        """Insert rows, or replace those of the same id, in one step. Raises Sentence, OSError."""
        return self.change({table: list(rows)}, {})

    def change(self, put: dict[str, list[Row]], gone: dict[str, list[str]]) -> Change:
        """Rows of several tables inserted or replaced, others (by id) taken out, in one step.
        Raises Sentence, OSError; then nothing has changed."""
        for table, rows in put.items():
            for row in rows:
                self._check(table, row, FIELDS[table])
        with self._alone():
            cache = CachingMiddleware(WholeFile)  # type: ignore[no-untyped-call]
            with TinyDB(self.path, storage=cache) as database:  # written once, at the end
                for table, rows in put.items():
                    _replace(database, table, rows)
                for table, ids in gone.items():
                    database.table(table).remove(where("id").one_of(ids))
            return self.reload()

    def _check(self, table: str, row: Row, fields: dict[str, type]) -> None:
        """Raises Sentence: a file that people mend by hand is sometimes mended wrongly."""
        self._fields(table, row, row, fields)
        if table == "people" and row.get("language", "zh") not in LANGUAGES:
            right = " / ".join(LANGUAGES)
            raise self._sentence(table, row, "language", (right, right), row["language"])
        for (of, name), wanted in ENTRIES.items():
            for each in row.get(name, ()) if of == table else ():
                self._fields(table, row, each if isinstance(each, dict) else {}, wanted)
                if (of, name) in SPANS and (field := week.wrong(each)):
                    found = each.get(field) if isinstance(each, dict) else each
                    raise self._sentence(table, row, field, RIGHT[field], found)
                if name == "ways" and each["channel"] not in CHANNELS:
                    right = " / ".join(CHANNELS)
                    raise self._sentence(table, row, "channel", (right, right), each["channel"])

    def _fields(self, table: str, row: Row, part: Row, wanted: dict[str, type]) -> None:
        for name, type_ in wanted.items():
            if type(part.get(name)) is not type_:
                raise self._sentence(table, row, name, TYPES[type_], part.get(name))

    def _sentence(self, table: str, row: Row, name: str, wanted: Notice, found: Any) -> Sentence:
        id_, (zh, en) = row.get("id"), wanted
        return Sentence(
            f"登记册 {self.path}：{table} 中 {id_!r} 的 {name} 应为{zh}，却是 {found!r}。",
            f"The registry {self.path}: in {table}, {name} of {id_!r} should be {en},"
            f" is {found!r}.",
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two that change the file at once change it one after the other."""
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _stamp(self) -> tuple[int, int]:
        try:
            status = self.path.stat()
        except OSError:
            return NEVER
        return (status.st_mtime_ns, status.st_ino)

    # --- what `hub.core.Registry` asks ----------------------------------------------------

    def board(self, board: str) -> Row | None:
        """The board with its site's facts: site_name, street, covert. Not to be changed."""
        return SELF_TEST_BOARD if board == SELF_TEST else self.with_site.get(board)

    def _with_site(self, board: Row) -> Row:
        site = self.sites.get(board["site"]) or {"name": board["site"], "street": ""}
        return {
            **BOARD_DEFAULTS,
            **board,
            "site_name": site["name"],
            "street": site["street"],
            "place": board.get("place") or "",  # where on the site it is
            "covert": bool(site.get("covert")),
            "office": bool(site.get("office")),  # a street's own duty room
            "test_period_days": site.get("test_period_days"),
            "restricted": bool(site.get("restricted")),  # hidden from wall and unit pages
            **{each: site.get(each) or "" for each in SITE_FACTS},
        }

    def contact(self, site: str, wall: int) -> str:
        """Who answers there at that moment, `role name phone`; empty where nobody is entered."""
        quarter = wall // week.QUARTER_MS
        known = self.quarter
        if known[0] != quarter:
            known = self.quarter = (quarter, {})
        if site not in known[1]:
            known[1][site] = contact_at(self.sites.get(site, {}).get("contacts", ()), wall)
        return known[1][site]

    def contacts(self, site: str) -> list[Row]:
        """Everyone entered for that site, in the file's order."""
        return list(self.sites.get(site, {}).get("contacts", ()))

    def people(self, wall: int | None) -> list[Row]:
        """Whom the hub may tell: those on duty at that moment, in the file's order; None: all."""
        entered = self.tables["people"].values()
        return [each for each in entered if wall is None or week.covered(each["hours"], wall)]

    def streets(self) -> list[str]:
        """Every street that has an enrolled board; "" for boards of no street."""
        return self.with_boards

    def boards(self) -> list[str]:
        """All enrolled boards, in the file's order."""
        return list(self.tables["boards"])

    def pagers(self) -> list[str]:
        """Boards that may ring for others' incidents."""
        return [board["id"] for board in self.tables["boards"].values() if board.get("pager")]

    def holds_real_board(self) -> bool:
        """Whether any enrolled board is real."""
        return self.real

    def facts(self) -> list[Row]:
        """Every board with its site's facts."""
        return list(self.with_site.values())


def _unread(path: Path, tables: Tables, others: list[str]) -> Iterator[Notice]:
    """A word that nothing reads is said, the first of them: a site whose `covert` is misspelt is
    not covert, people under a misspelt table are nobody. `others`: tables that nothing reads."""
    found = [("", name, list(FIELDS)) for name in others]
    for table, rows in tables.items():
        lists = [name for of, name in ENTRIES if of == table]
        for id_, row in rows.items():
            parts = [(table, row), *((name, each) for name in lists for each in row[name])]
            found += [
                (id_, name, KNOWN[what])
                for what, part in parts
                for name in part
                if name not in KNOWN[what]
            ]
    if not found:
        return
    id_, name, known = found[0]
    near = next(iter(difflib.get_close_matches(name, known, n=1)), "")
    more = len(found) - 1
    yield (
        f"登记册 {path.name}：{f'{id_} 的 ' if id_ else ''}{name} 没有用处"
        + (f"，是不是 {near}？" if near else "。")
        + (f"另有 {more} 处。" if more else ""),
        f"The registry {path.name}: nothing reads {name}{f' of {id_}' if id_ else ''}"
        + (f"; did you mean {near}?" if near else ".")
        + (f" And {more} more." if more else ""),
    )


def _replace(database: TinyDB, table: str, given: list[Row]) -> None:
    """All rows in one look through the table: a sheet of thousands must not hold up a press."""
    rows = database.table(table)
    wanted = {row["id"]: row for row in given}
    known = {row["id"] for row in rows.all()}

    def renew(document: MutableMapping[Any, Any]) -> None:
        row = wanted[document["id"]]
        document.clear()
        document.update(row)

    rows.update(renew, where("id").test(wanted.__contains__))
    rows.insert_multiple(row for id_, row in wanted.items() if id_ not in known)


def contact_at(contacts: Iterable[Row], wall: int) -> str:
    """The first contact whose hours cover the moment, `role name phone`."""
    for each in contacts:
        if week.covers(each, wall):
            return " ".join(filter(None, (each.get("role"), each["name"], each["phone"])))
    return ""
