"""Is `ledger.db` sound: a short look before each start, and the whole of it while the hub works;
and `working.db`, before it is opened.

Only what is read can be seen to be damaged: a page that nobody has read for a year may be.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from hub import ledger

CHUNK = 500  # rows at a time: the loop has its turn between them
REST_S = 0.02
OPERATIONS = 20_000  # of SQLite, between two looks at whether to stop
# SQLite's primary codes that speak of the disk or of others, not of what the file holds
NO_DAMAGE = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOLFS,
    sqlite3.SQLITE_AUTH,
}
UNREADABLE = {  # but a sector that cannot be read is as good as gone
    sqlite3.SQLITE_IOERR_READ,
    sqlite3.SQLITE_IOERR_SHORT_READ,
    sqlite3.SQLITE_IOERR_CORRUPTFS,
}


class Damaged(Exception):
    """The file cannot serve as a ledger; the text says what was seen."""


def is_damage(error: sqlite3.Error) -> bool:
    """Whether what the file holds is at fault, and not the disk, its owner or another program."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return code in UNREADABLE or code & 0xFF not in NO_DAMAGE


def _reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def look(path: Path) -> int:
    """Before it is opened to be written to, which would change it. -> how many rows it has, 0
    also where there is no file yet. Raises Damaged, sqlite3.Error when it is not the file's
    fault."""
    if not path.exists():
        return 0
    try:
        with closing(_reader(path)) as db:
            if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return 0  # a power cut before its first row
            return ledger.head(db)[0]
    except sqlite3.Error as error:
        if is_damage(error):
            raise Damaged(str(error)) from error
        raise


def examine(path: Path, stopped: Callable[[], bool]) -> tuple[ledger.Finding, int] | None:
    """Every page, then the chain from its first row. -> (first finding, how many), or None: it is
    whole, or `stopped` said so. Raises Damaged."""
    try:
        with closing(_reader(path)) as db:
            db.set_progress_handler(stopped, OPERATIONS)
            _each_page(db)
            return _chain(db, stopped)
    except sqlite3.Error as error:
        if stopped() or not is_damage(error):
            return None
        raise Damaged(str(error)) from error


def check_pages(path: Path) -> None:
    """Every page of a small one, before it is opened to be written to. Raises Damaged,
    sqlite3.Error when it is not the file's fault."""
    if not path.exists():
        return
    try:
        with closing(_reader(path)) as db:
            _each_page(db)
    except sqlite3.Error as error:
        if is_damage(error):
            raise Damaged(str(error)) from error
        raise


def _each_page(db: sqlite3.Connection) -> None:
    """Raises Damaged, sqlite3.Error."""
    (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise Damaged(" ".join(said.split()))


def _chain(
    db: sqlite3.Connection, stopped: Callable[[], bool]
) -> tuple[ledger.Finding, int] | None:
    first, count, after = None, 0, 0
    last = ledger.head(db)[0]
    while after < last and not stopped():
        upto = min(after + CHUNK, last)
        for finding in ledger.verify(db, after=after, upto=upto):
            first, count = first or finding, count + 1
        after = upto
        time.sleep(REST_S)
    return (first, count) if first else None
