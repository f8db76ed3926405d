"""Opening `ledger.db`: created with its birth row, replayed when the projections are of another
version, rebuilt from an export. One writing connection; readers open it read-only."""

import json
import logging
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from hub import ledger, schema, soundness
from hub.core import Hub, Registry
from hub.events import Now
from hub.folder import Folder
from hub.rooms import ROOMS
from hub.settings import Settings
from hub.soundness import Damaged
from hub.words import Sentence

log = logging.getLogger("qianshao.ledger")


def connect(path: str | Path) -> sqlite3.Connection:
    """The writing connection. SQLite itself begins no transaction: run_batch does."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA wal_autocheckpoint = 4000")  # pages: a burst writes each one back once
    return db


def connect_reader(path: Path) -> sqlite3.Connection:
    """A read-only connection for pages and the city's refill."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)
    db.row_factory = sqlite3.Row
    return db


def prepare(
    db: sqlite3.Connection,
    district: str,
    birth: str,
    now: Now,
    progress: Callable[[int], None] = lambda number: None,
    facts: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Schema, birth row of a new ledger, and projections of this program's version.

    `birth`: 16 hex, and `facts`, why it is born: used only when the ledger is new. Raises
    sqlite3.Error.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        replay_needed = schema.prepare(db)
        if ledger.head(db)[0] == 0:
            body = {"district": district, "birth": birth, **facts}
            row, _ = ledger.append(db, ledger.head(db), now, "born", "hub", body)
            list(ROOMS.projections["born"](db, row))
        elif replay_needed:
            replay(db, ledger.rows(db), progress)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def replay(
    db: sqlite3.Connection, rows: Iterable[ledger.Row], progress: Callable[[int], None]
) -> None:
    """Run every row through its projection; what it would have done outside is not done."""
    for row in rows:
        for _ in ROOMS.projections[row.kind](db, row):
            pass
        if row.number % 1000 == 0:
            progress(row.number)


def registry(db: sqlite3.Connection) -> dict[str, dict[str, dict[str, object]]]:
    """The registry as the ledger has it on record: table -> id -> row."""
    tables: dict[str, dict[str, dict[str, object]]] = {}
    for (body,) in db.execute("SELECT body FROM ledger WHERE kind = 'registry' ORDER BY number"):
        change = json.loads(body or "{}")
        for table, rows in change.get("before", {}).items():
            for id_ in rows:
                tables.setdefault(table, {}).pop(id_, None)
        for table, rows in change.get("after", {}).items():
            tables.setdefault(table, {}).update(rows)
    return tables


def open_ledger(
    folder: Folder, registry: Registry, settings: Settings, now: Now, damage: str = ""
) -> Hub:
    """The core on its folder's ledger, made when it is not there.

    One that cannot be read, or that `damage` speaks of, is set aside, and another begins; one that
    ends before the row that the head file has on record was set back, and goes on under another
    birth. Raises Sentence.
    """
    path = folder.ledger
    try:
        if not damage:
            try:
                return _open(folder, registry, settings, now, {})
            except Damaged as found:
                damage = str(found)
        aside = folder.set_aside(now.wall, folder.ledger, folder.head)
        log.critical("%s is damaged (%s): it is now in %s", path, damage, aside)
        facts = {"why": "damaged", "said": damage, "aside": str(aside.relative_to(folder.path))}
        return _open(folder, registry, settings, now, facts)
    except (sqlite3.Error, OSError, Damaged) as error:
        raise Sentence(
            f"{path} 不能打开：{error}。请检查磁盘，或从备份恢复。",
            f"{path} cannot be opened: {error}. Look at the disk, or restore a backup.",
        ) from error


def _open(
    folder: Folder, registry: Registry, settings: Settings, now: Now, facts: dict[str, str]
) -> Hub:
    """`facts`: of the birth row after an emergency start. Raises Sentence, Damaged, OSError,
    sqlite3.Error when the disk is at fault."""
    try:
        head = folder.last_row()
    except ValueError:
        head = (0, "")  # torn: it is replaced, and tells nothing
    if not soundness.look(folder.ledger) and head[0]:
        facts = {"why": "missing", "said": f"head: {head[0]} {head[1][:16]}", "aside": ""}
    db = connect(folder.ledger)
    try:
        prepare(db, settings.district, secrets.token_hex(8), now, facts=facts)
        hub = open_hub(db, registry, settings)
        if hub.district != settings.district:
            raise Sentence(
                f"{folder.ledger} 是 {hub.district} 的台账，qianshao.toml 却写着"
                f" {settings.district}：请改正后者。",
                f"{folder.ledger} is the ledger of {hub.district}, qianshao.toml says"
                f" {settings.district}: mend the latter.",
            )
        if "why" not in facts and _was_set_back(db, head):
            _bear_again(db, hub, head, now)
            hub = open_hub(db, registry, settings)
        return hub
    except BaseException as error:
        db.close()
        if isinstance(error, sqlite3.Error) and not soundness.is_damage(error):
            raise
        # a row that no projection can read is no better than a page that SQLite cannot
        if isinstance(error, (sqlite3.Error, LookupError, ValueError, TypeError)):
            raise Damaged(str(error)) from error
        raise


def _was_set_back(db: sqlite3.Connection, head: tuple[int, str]) -> bool:
    """Whether the row that the head file has on record is not there, or is another one."""
    row = db.execute("SELECT hash FROM ledger WHERE number = ?", head[:1]).fetchone()
    return bool(head[0]) and (row is None or bytes(row["hash"]).hex() != head[1])


def _bear_again(db: sqlite3.Connection, hub: Hub, head: tuple[int, str], now: Now) -> None:
    """The same rows under another birth: what came after them is known elsewhere and lost here."""
    said = f"head: {head[0]} {head[1][:16]}; ledger: {hub.head[0]} {hub.head[1].hex()[:16]}"
    body = {
        "district": hub.district,
        "birth": secrets.token_hex(8),
        "why": "set_back",
        "said": said,
        "aside": "",
    }
    db.execute("BEGIN IMMEDIATE")
    row, _ = ledger.append(db, hub.head, now, "born", "hub", body)
    list(ROOMS.projections["born"](db, row))
    db.execute("COMMIT")


def open_hub(db: sqlite3.Connection, registry: Registry, settings: Settings) -> Hub:
    """A core over a prepared database."""
    return Hub(db, registry, settings, ROOMS)


def dump(db: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every projection's rows, sorted: what two ledgers must agree on after a rebuild."""
    return {
        table: sorted((tuple(row) for row in db.execute(f"SELECT * FROM {table}")), key=repr)
        for table in schema.TABLES
    }
