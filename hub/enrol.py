"""Enrolment: a board gets its place in the registry, its broker account and its own file.

A running hub notices the registry by itself (within a second) and has the broker take the new
accounts; a revoked board's link is cut at once.
"""

import json
from collections.abc import Iterable
from typing import Any

from hub.folder import Folder, whole_file
from hub.intake import SELF_TEST
from hub.registry import BOARD_DEFAULTS, Change, Registry
from hub.settings import Settings
from hub.words import Sentence
from protocol.topics import is_id


def put_site(registry: Registry, site: dict[str, Any]) -> Change:
    """Insert or replace a site {id, name, street, covert, contacts}. Raises Sentence."""
    return put_sites(registry, [site])


def put_sites(registry: Registry, sites: Iterable[dict[str, Any]]) -> Change:
    """Many at once, in one step. Raises Sentence."""
    rows = [{"covert": False, "contacts": [], **site} for site in sites]
    for row in rows:
        _check_id("地点", "site", row["id"])
    return registry.put("sites", rows)


def put_board(registry: Registry, board: dict[str, Any]) -> Change:
    """Insert or replace a board {id, site, simulated, pager, lamps}. Raises Sentence."""
    return put_boards(registry, [board])


def put_boards(registry: Registry, boards: Iterable[dict[str, Any]]) -> Change:
    """Many at once, in one step. Raises Sentence."""
    rows = [{**BOARD_DEFAULTS, **board} for board in boards]
    for row in rows:
        _check_id("终端", "board", row["id"])
        if row["id"] == SELF_TEST:
            raise Sentence(
                f"{SELF_TEST} 是主机自检专用的编号：请换一个。",
                f"{SELF_TEST} is the hub's own board: choose another id.",
            )
        if row["site"] not in registry.sites:
            raise Sentence(
                f"登记册里没有地点 {row['site']}：请先登记地点。",
                f"The registry has no site {row['site']}: enter the site first.",
            )
    return registry.put("boards", rows)


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
    value = board_file(folder, settings, board, port, covert)
    whole_file(home / "board.json", json.dumps(value, ensure_ascii=False))


def board_file(
    folder: Folder, settings: Settings, board: dict[str, Any], port: int, covert: bool
) -> dict[str, Any]:
    """What a board has to know: where its hub is, its name and its secret, its site's kind."""
    return {
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
        **({"keys": board["keys"]} if "keys" in board else {}),
        "covert": covert,
        "duty_phone": settings.duty_phone,
    }
