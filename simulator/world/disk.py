"""The hub's database in memory, with the faults of a disk and of a process at its commit."""

import sqlite3
from typing import Any


class HubCrashed(BaseException):
    """The hub's process died at this instant; nothing of it runs on."""


class FaultyDatabase(sqlite3.Connection):
    """`crash`: "", "before" or "after" the next commit. `full`: SQLite's own SQLITE_FULL."""

    crash = ""
    _full = False

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        if sql == "COMMIT" and self.crash:
            when, self.crash = self.crash, ""
            if when == "after":
                super().execute(sql)
            raise HubCrashed
        return super().execute(sql, *args)

    @property
    def full(self) -> bool:
        return self._full

    @full.setter
    def full(self, full: bool) -> None:
        self._full = full
        pages = super().execute("PRAGMA page_count").fetchone()[0]
        super().execute(f"PRAGMA max_page_count = {pages if full else 1 << 30}")


def open_database() -> FaultyDatabase:
    """A fresh in-memory database, opened as the hub's writing connection is."""
    db = sqlite3.connect(":memory:", isolation_level=None, factory=FaultyDatabase)
    db.row_factory = sqlite3.Row
    return db
