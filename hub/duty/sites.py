"""Which sites (单位) a duty order is for."""

from collections.abc import Iterable
from typing import Any

from hub.core import Registry
from protocol.catalogue import is_int

MINUTE_MS = 60_000


def facts(registry: Registry) -> dict[str, dict[str, Any]]:
    """Every site that has a board: its id -> the facts of its first board."""
    found: dict[str, dict[str, Any]] = {}
    for board in registry.boards():
        each = registry.board(board) or {}
        found.setdefault(str(each.get("site", board)), each)
    return found


def boards_of(registry: Registry, sites: Iterable[str]) -> list[str]:
    """The boards that hang there now."""
    wanted = set(sites)
    return [
        board for board in registry.boards() if (registry.board(board) or {}).get("site") in wanted
    ]


def chosen(registry: Registry, wanted: Any) -> list[str]:
    """`"all"`, or a list of sites' ids -> those that there are; empty: nothing that could be."""
    known = facts(registry)
    if wanted == "all":
        return list(known)
    if not isinstance(wanted, list) or not all(isinstance(each, str) for each in wanted):
        return []
    return [site for site in dict.fromkeys(wanted) if site in known]


def minutes(value: Any, most: int) -> int | None:
    """A whole number of minutes from 1 on, or None."""
    return int(value) if is_int(value, 1, most) else None
