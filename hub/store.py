"""Opening `ledger.db`: created with its birth row, replayed when the projections are of another
version, rebuilt from an export. One writing connection; readers open it read-only."""

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

from hub import ledger, schema
from hub.core import Hub, Registry
from hub.events import Now
from hub.rooms import ROOMS
from hub.settings import Settings
from hub.words import Sentence


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
) -> None:
    """Schema, birth row of a new ledger, and projections of this program's version.

    `birth`: 16 hex, used only when the ledger is new. Raises sqlite3.Error.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        replay_needed = schema.prepare(db)
        if ledger.head(db)[0] == 0:
            row, _ = ledger.append(
                db, ledger.head(db), now, "born", "hub", {"district": district, "birth": birth}
            )
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


def open_ledger(path: Path, registry: Registry, settings: Settings, now: Now) -> Hub:
    """The core on its own file, made when it is not there. Raises Sentence."""
    try:
        db = connect(path)
        prepare(db, settings.district, secrets.token_hex(8), now)
        hub = open_hub(db, registry, settings)
    except sqlite3.Error as error:
        raise Sentence(
            f"{path} 不能打开：{error}。请检查磁盘，或从备份恢复。",
            f"{path} cannot be opened: {error}. Look at the disk, or restore a backup.",
        ) from error
    if hub.district != settings.district:
        raise Sentence(
            f"{path} 是 {hub.district} 的台账，qianshao.toml 却写着 {settings.district}："
            "请改正后者。",
            f"{path} is the ledger of {hub.district}, qianshao.toml says {settings.district}:"
            " mend the latter.",
        )
    return hub


def open_hub(db: sqlite3.Connection, registry: Registry, settings: Settings) -> Hub:
    """A core over a prepared database."""
    return Hub(db, registry, settings, ROOMS)


def dump(db: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every projection's rows, sorted: what two ledgers must agree on after a rebuild."""
    return {
        table: sorted((tuple(row) for row in db.execute(f"SELECT * FROM {table}")), key=repr)
        for table in schema.TABLES
    }
