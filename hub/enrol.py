"""Enrolment: a board gets its place in the registry, its broker account and its own file.

A running hub notices the registry by itself (within a second) and has the broker take the new
accounts; a revoked board's link is cut at once.
"""

import json
import os
from dataclasses import dataclass
from typing import Any

from hub.folder import Folder
from hub.registry import Registry
from hub.settings import Settings
from hub.words import Sentence
from protocol.topics import is_id


@dataclass(frozen=True)
class Change:
    """One change of the registry, for its ledger row."""

    before: dict[str, Any]
    after: dict[str, Any]


def put_site(registry: Registry, site: dict[str, Any]) -> Change:
    """Insert or replace a site {id, name, street, covert, contacts}. Raises Sentence."""
    _check_id("地点", "site", site["id"])
    return Change(*registry.put("sites", {"covert": False, "contacts": [], **site}))


def put_board(registry: Registry, board: dict[str, Any]) -> Change:
    """Insert or replace a board {id, site, simulated, pager, lamps}. Raises Sentence."""
    _check_id("终端", "board", board["id"])
    if board["site"] not in registry.sites:
        raise Sentence(
            f"登记册里没有地点 {board['site']}:请先登记地点。",
            f"The registry has no site {board['site']}: enter the site first.",
        )
    return Change(*registry.put("boards", {"pager": False, "lamps": 3, "key_number": 1, **board}))


def _check_id(chinese: str, english: str, value: str) -> None:
    if not is_id(value):
        raise Sentence(
            f"{chinese}编号 {value!r} 应为 3 到 32 个 a-z、0-9 或 -。",
            f"The {english} id {value!r} should be 3 to 32 of a-z, 0-9 and -.",
        )


def write_board_file(
    folder: Folder, settings: Settings, board: dict[str, Any], port: int, covert: bool
) -> None:
    """`boards/<id>/board.json` of a board that runs as a process on this machine."""
    home = folder.boards / board["id"]
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    value = {
        "board": board["id"],
        "district": settings.district,
        "links": [
            {
                "host": "127.0.0.1",
                "port": port,
                "user": board["id"],
                "password": folder.board_password(board["id"], board["key_number"]),
            }
        ],
        "lamps": board["lamps"],
        "covert": covert,
        "duty_phone": settings.duty_phone,
    }
    new = home / "board.json.new"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False)
    new.replace(home / "board.json")
