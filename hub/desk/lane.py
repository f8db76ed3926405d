"""The equipment lane (设备) and the strip of streets: what is known of every board, as facts.

Presses are never here, and never folded. What boards of one street suffer within two minutes of
each other is one line: an outage is one event, however many boards it takes.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from hub.core import Registry
from hub.duty import evidence, service

TROUBLES = 20
LOOKED_THROUGH = 2000  # for those of one street
TROUBLE_S = 24 * 3600
STORM_MS = 120_000
OWN_LINE = ("tamper", "battery")  # conditions of one board, a line each


class Board(NamedTuple):
    """Something about one board. `place`: where on the site it is; `since`: ms UTC; `mains`: it
    told of a mains loss before."""

    board: str
    site_name: str
    place: str
    street: str
    since: int
    mains: bool = False


class Storm(NamedTuple):
    """Boards of one street, each within two minutes of the one before."""

    street: str
    boards: list[Board]

    @property
    def first(self) -> int:
        """ms UTC."""
        return self.boards[0].since

    @property
    def last(self) -> int:
        """ms UTC."""
        return self.boards[-1].since

    @property
    def mains(self) -> int:
        """How many told of a mains loss before they were lost."""
        return sum(each.mains for each in self.boards)


class Trouble(NamedTuple):
    """One entry that is no state of a board; `where`: site and place of the board, or empty."""

    number: int
    wall: int
    kind: str
    where: str
    detail: str


REACH = ("nobody_reachable", "somebody_reachable")


class Lane(NamedTuple):
    """`lost`, `mains` (▽, still heard): folded; `faults`: (tamper or battery, its board);
    `streets`: street -> boards by `here lost mains out never`, each board once; `public`: the
    same without restricted sites (限制公开); `out_until`: ms UTC when the first repair ends, or
    0; `newest`: the last trouble's row."""

    lost: list[Storm]
    mains: list[Storm]
    faults: list[tuple[str, Board]]
    mismatched: list[Board]
    troubles: list[Trouble]
    streets: dict[str, Counter[str]]
    public: dict[str, Counter[str]]
    out_until: int
    newest: int


def look(
    reader: sqlite3.Connection, registry: Registry, wall: int, street: str | None = None
) -> Lane:
    """Every enrolled board of `registry`, and the last day's troubles; of one street only, where
    it is named."""
    states = {row["board"]: row for row in reader.execute("SELECT * FROM equipment")}
    wrong: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for each in evidence.conditions(reader):
        wrong[each.board][each.what] = each.since
    out = service.boards_out(reader, registry)
    streets: defaultdict[str, Counter[str]] = defaultdict(Counter)
    public: defaultdict[str, Counter[str]] = defaultdict(Counter)
    lost, mains, faults, mismatched = [], [], [], []
    for name in registry.boards():
        facts, row, bad = registry.board(name) or {}, states.get(name), wrong.get(name, {})
        where = (facts.get("site_name", name), facts.get("place", ""), facts.get("street", ""))
        board = Board(name, *where, 0)
        faults += [(what, board._replace(since=bad[what])) for what in OWN_LINE if what in bad]
        if row is not None and row["catalogue"]:
            mismatched.append(board._replace(since=row["since_wall"]))
        state = _state(name in out, row["state"] if row else "", "mains" in bad)
        streets[board.street][state] += 1
        if not facts.get("restricted"):
            public[board.street][state] += 1
        if state == "lost" and row:
            since = row["since_wall"]
            lost.append(board._replace(since=since, mains=bad.get("mains", since + 1) <= since))
        elif state == "mains":
            mains.append(board._replace(since=bad["mains"]))
    troubles = _troubles(reader, registry, wall, street)
    return Lane(
        storms(lost),
        storms(mains),
        faults,
        mismatched,
        troubles,
        dict(sorted(streets.items())),
        dict(sorted(public.items())),
        min((each.until for each in out.values()), default=0),
        max((each.number for each in troubles), default=0),
    )


def _where(registry: Registry, board: str) -> str:
    facts = registry.board(board) or {}
    return f"{facts.get('site_name', board)} {facts.get('place', '')}".rstrip()


def _state(is_out: bool, state: str, mains: bool) -> str:
    """What the strip counts it as; what is under repair is expected to be silent."""
    if is_out:
        return "out"
    if state == "lost":
        return "lost"
    if not state:
        return "never"
    return "mains" if mains else "here"


def storms(boards: Iterable[Board]) -> list[Storm]:
    """Folded by street while they follow each other, the oldest line first."""
    found: list[Storm] = []
    last: dict[str, Storm] = {}
    for each in sorted(boards, key=lambda each: each.since):
        storm = last.get(each.street)
        if storm is None or each.since - storm.last > STORM_MS:
            storm = last[each.street] = Storm(each.street, [])
            found.append(storm)
        storm.boards.append(each)
    return found


def _troubles(
    reader: sqlite3.Connection, registry: Registry, wall: int, street: str | None
) -> list[Trouble]:
    """Newest first; status codes that are a state of the board have their line above."""
    newest = reader.execute(
        "SELECT * FROM troubles WHERE wall > ? ORDER BY row DESC LIMIT ?",
        (wall - TROUBLE_S * 1000, TROUBLES if street is None else LOOKED_THROUGH),
    ).fetchall()
    current = next((row["row"] for row in newest if row["kind"] in REACH), None)
    own = (
        row
        for row in newest
        if street is None or not row["board"] or registry.board(row["board"])
        # how it stands now, and not each page that was opened and closed; a street's own banner
        # tells it, without the others' names
        if row["kind"] not in REACH or (street is None and row["row"] == current)
    )
    rows = islice(own, TROUBLES)
    return [
        Trouble(
            row["row"],
            row["wall"],
            row["kind"],
            _where(registry, row["board"]),
            row["detail"],
        )
        for row in rows
        if row["kind"] != "status" or row["detail"].partition(" ")[0] not in evidence.CONDITIONS
    ]
