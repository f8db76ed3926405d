"""The registry: sites, boards, streets in one file that a person can read and mend.

TinyDB over a storage of our own: loaded whole, replaced whole (temporary file, fsync, rename),
the last good one kept as `.bak`. A torn file costs nothing but a notice.
"""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from tinydb import TinyDB, where
from tinydb.storages import Storage

from hub.city.feed import LOCAL
from hub.words import Sentence

Notice = tuple[str, str]  # zh, en


class WholeFile(Storage):
    """One JSON file, replaced in one step. `notice` says so when the .bak had to serve."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.backup = path.with_suffix(path.suffix + ".bak")
        self.notice: Notice | None = None

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Raises Sentence when neither the file nor its .bak can be read."""
        if not self.path.exists() and not self.backup.exists():
            return None
        tables = _load(self.path)
        if tables is None:
            tables = _load(self.backup)
            if tables is None:
                raise Sentence(
                    f"{self.path} 和它的 .bak 都读不出来:请从备份恢复其中一个。",
                    f"Neither {self.path} nor its .bak can be read: restore one from a backup.",
                )
            self.notice = (
                f"登记册 {self.path.name} 已损坏,正在使用上一份 {self.backup.name}。",
                f"The registry {self.path.name} is damaged; {self.backup.name} is in use.",
            )
        return tables

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Raises OSError; the file that was there stays."""
        text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True)
        new = self.path.with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if _load(self.path) is not None:
            self.path.replace(self.backup)
        new.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _load(path: Path) -> dict[str, dict[str, Any]] | None:
    try:
        tables = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return tables if isinstance(tables, dict) else None


class Registry:
    """What the hub asks for each message: plain look-ups in what was loaded.

    A site: {id, name, street, covert, contacts: [{from, until, name, phone}]}, hours +08:00.
    A board: {id, site, simulated, pager, lamps, key_number}.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reload()

    def reload(self) -> None:
        """Read the file again. Raises Sentence; then what was loaded stays."""
        storage = WholeFile(self.path)
        tables = TinyDB(storage=lambda: storage)
        self.sites = {site["id"]: dict(site) for site in tables.table("sites").all()}
        self._boards = {board["id"]: dict(board) for board in tables.table("boards").all()}
        self.notice = storage.notice
        self.stamp = self._stamp()
        self.real = any(not board["simulated"] for board in self._boards.values())

    def changed(self) -> bool:
        """Whether somebody has replaced the file since it was loaded."""
        return self._stamp() != self.stamp

    def _stamp(self) -> tuple[int, int]:
        try:
            status = self.path.stat()
        except OSError:
            return (0, 0)
        return (status.st_mtime_ns, status.st_ino)

    def put(self, table: str, row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Insert or replace by id. -> (before, after). Raises OSError or Sentence."""
        tables = TinyDB(storage=lambda: WholeFile(self.path))
        found = tables.table(table).get(where("id") == row["id"])
        tables.table(table).upsert(row, where("id") == row["id"])
        self.reload()
        return (dict(found) if isinstance(found, dict) else {}), row

    def board(self, board: str) -> dict[str, Any] | None:
        """The board with its site's facts: site_name, street, covert, contact for this hour."""
        if board == "self-test":
            return SELF_TEST
        found = self._boards.get(board)
        if found is None:
            return None
        site = self.sites.get(found["site"], {"name": found["site"], "street": "", "contacts": []})
        return {
            **found,
            "site_name": site["name"],
            "street": site["street"],
            "covert": site.get("covert", False),
            "contact": _contact(site["contacts"], datetime.now(LOCAL).hour),
        }

    def boards(self) -> list[str]:
        return list(self._boards)

    def pagers(self) -> list[str]:
        return [board["id"] for board in self._boards.values() if board.get("pager")]

    def holds_real_board(self) -> bool:
        return self.real

    def facts(self) -> list[dict[str, Any]]:
        """Every board with its site's facts, for pages."""
        return [facts for name in self._boards if (facts := self.board(name))]


# the reserved board whose presses prove the way: no site, no incident
SELF_TEST = {
    "id": "self-test",
    "site": "self-test",
    "site_name": "自检",
    "street": "",
    "contact": "",
    "covert": False,
    "simulated": True,
    "pager": False,
}


def _contact(contacts: list[dict[str, Any]], hour: int) -> str:
    """Who answers there at this hour; a span may run over midnight."""
    for each in contacts:
        start, end = each["from"], each["until"]
        inside = start <= hour < end if start < end else hour >= start or hour < end
        if inside or start == end:
            return f"{each['name']} {each['phone']}"
    return ""
