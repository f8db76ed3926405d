"""Sessions and failed tries: in `working.db`, and in memory while the disk takes no write.

A full disk must not keep the next officer out. Every change is made in memory first, and goes to
the file as soon as it takes it; what it has not taken is lost with the program, and no more.
"""

import sqlite3
from collections.abc import Callable
from contextlib import suppress

SESSION_S = 12 * 3600  # since the person last touched the page: one shift
TOUCH_S = 60  # a session's last touch is written at most so often
TRIES = 5  # within TRIES_S are free
TRIES_S = 15 * 60
WAIT_S = 60  # after those, doubled with each further one: a tired officer is not kept out for long

SCHEMA = """
CREATE TABLE IF NOT EXISTS {where}.sessions (
    hash BLOB PRIMARY KEY, user TEXT NOT NULL, touched INTEGER NOT NULL,
    second TEXT NOT NULL DEFAULT ''            -- who shares it; empty: nobody
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS {where}.tries (who TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS {where}.tries_who ON tries (who, at);
"""
# what stands in memory is newer than what the file has of it
LIVE = """
SELECT user, second, touched FROM spare.sessions WHERE hash = :hash
UNION ALL SELECT user, second, touched FROM main.sessions WHERE hash = :hash
    AND hash NOT IN (SELECT hash FROM spare.sessions)
"""


class Sessions:
    """On the connection of `working.db`, whose tables are there; `clock` -> seconds since 1970."""

    def __init__(self, db: sqlite3.Connection, clock: Callable[[], float]) -> None:
        self._db = db
        self._clock = clock
        db.execute("ATTACH ':memory:' AS spare")
        db.executescript(SCHEMA.format(where="spare"))

    def find(self, hash_: bytes) -> tuple[str, str] | None:
        """(user, who shares it or "") of a live session."""
        row = self._db.execute(LIVE, {"hash": hash_}).fetchone()
        live = row is not None and row[2] > int(self._clock()) - SESSION_S
        return (row[0], row[1]) if live else None

    def put(self, hash_: bytes, user: str, second: str = "") -> None:
        """A new one, or another person at it; its time begins again."""
        self._set(hash_, user, second, int(self._clock()))

    def touch(self, hash_: bytes) -> None:
        """A person used the page: the session's time begins again."""
        row = self._db.execute(LIVE, {"hash": hash_}).fetchone()
        now = int(self._clock())
        if row and now - SESSION_S < row[2] <= now - TOUCH_S:
            self._set(hash_, row[0], row[1], now)

    def end(self, hash_: bytes) -> None:
        """Nobody is at it any more."""
        self._set(hash_, "", "", 0)

    def end_of(self, user: str, shared_only: bool = False) -> None:
        """All in which that person sits. Raises sqlite3.OperationalError: the disk is full."""
        for where in ("main", "spare"):
            self._db.execute(
                f"DELETE FROM {where}.sessions WHERE ? IN (user, second)"
                " AND (second <> '' OR NOT ?)",
                (user, shared_only),
            )

    def count_try(self, who: str) -> int:
        """Count one. -> 0, or how many seconds until the next one counts: then it did not."""
        now = int(self._clock())
        found = self._db.execute(
            "SELECT at FROM (SELECT * FROM main.tries UNION ALL SELECT * FROM spare.tries)"
            " WHERE who = ? AND at > ? ORDER BY at DESC",
            (who, now - TRIES_S),
        ).fetchall()
        if len(found) >= TRIES:
            wait_s = min(TRIES_S, WAIT_S << (len(found) - TRIES))
            left = int(found[0][0]) + wait_s - now
            if left > 0:
                return min(left, wait_s)  # a clock set back keeps nobody out for longer
        self._db.execute("INSERT INTO spare.tries VALUES (?,?)", (who, now))
        self._save()
        return 0

    def forget_tries(self, who: str) -> None:
        """One was right."""
        facts = (who, int(self._clock()) - TRIES_S)
        self._db.execute("DELETE FROM spare.tries WHERE who = ? OR at <= ?", facts)
        with suppress(sqlite3.OperationalError):
            self._db.execute("DELETE FROM main.tries WHERE who = ? OR at <= ?", facts)

    def forget_user(self, user: str) -> None:
        """A new password is tried anew, wherever the old one was."""
        for where in ("spare", "main"):
            with suppress(sqlite3.OperationalError):
                self._db.execute(
                    f"DELETE FROM {where}.tries WHERE substr(who, 1, ?) = ?",
                    (len(user) + 1, f"{user} "),
                )

    def _set(self, hash_: bytes, user: str, second: str, touched: int) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO spare.sessions VALUES (?,?,?,?)",
            (hash_, user, touched, second),
        )
        self._save()

    def _save(self) -> None:
        """What stands in memory goes to the file, if it takes a write."""
        with suppress(sqlite3.OperationalError):
            self._db.execute("INSERT OR REPLACE INTO main.sessions SELECT * FROM spare.sessions")
            self._db.execute("DELETE FROM spare.sessions")
            self._db.execute("INSERT INTO main.tries SELECT * FROM spare.tries")
            self._db.execute("DELETE FROM spare.tries")
            over = int(self._clock()) - SESSION_S
            self._db.execute("DELETE FROM main.sessions WHERE touched <= ?", (over,))
