"""Who would be told now (现在会通知谁): read by the page, and by the pass that asks whether
anybody would.

Facts without words; `missing` is why a way cannot work, as the key `missing.<this>` of the texts.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from hub.channels import notices, tries
from hub.channels.channel import Facts
from hub.channels.pager import Pager, rings_for
from hub.channels.table import CHANNELS
from hub.channels.tries import Tried

Person = dict[str, Any]
FAILED_MS = 3_600_000  # a way that failed so lately is not counted on
# what no waiting mends: such a way is not entered. Others pass, and are told in the list.
NEVER = frozenset({"no_board", "not_pager", "not_url"})
HOPELESS = NEVER | {"no_command", "no_channel"}


class Listener(NamedTuple):
    """A desk that listens (值班席): it rings at once."""

    name: str
    role: str


class Ring(NamedTuple):
    """A pager board. `own`: it hangs at the chosen site; `street`: of its site."""

    board: str
    site_name: str
    missing: str
    own: bool
    street: str = ""


class Way(NamedTuple):
    """One way of a person. `failed`: what the last notice lately said, and when (ms UTC)."""

    channel: str
    address: str
    missing: str
    failed: tuple[str, int] | None
    tried: Tried | None = None

    @property
    def works(self) -> bool:
        return not self.missing and self.failed is None


class OnDuty(NamedTuple):
    """A person whom the hub tells. `told`: how many notices of the last 10 minutes, and `held`
    how many incidents wait because these were too many."""

    id: str
    name: str
    post: str
    street: str
    ways: tuple[Way, ...]
    told: int = 0
    held: int = 0


class Plan(NamedTuple):
    """`nobody`: an alarm would reach no person before the city's; `off_duty`: how many people
    are entered and not on duty now, `rest`: who they are; `command`: one is configured;
    `ringless`: of all streets those for which no pager board rings by itself."""

    listeners: tuple[Listener, ...]
    rings: tuple[Ring, ...]
    people: tuple[OnDuty, ...]
    off_duty: int
    command: bool
    nobody: bool
    rest: tuple[OnDuty, ...] = ()
    ringless: tuple[str, ...] = ()


def plan(facts: Facts, wall: int, street: str | None = None, site: str = "") -> Plan:
    """For an alarm at `site` of `street`; without a street for the whole district."""
    on_duty, entered = (
        [each for each in people if street is None or each.get("street", "") in ("", street)]
        for people in (facts.registry.people(wall), facts.registry.people(None))
    )
    rest = [each for each in entered if each not in on_duty]
    deaf = unreachable(facts, wall)
    lately = notices.lately(facts.db, wall)
    return Plan(
        listeners=tuple(
            Listener(row["actor"], row["role"])
            for row in _listening(facts)
            if row["street"] in ("", street)
        ),
        rings=tuple(
            _ring(facts, board, site)
            for board in facts.registry.pagers()
            if street is None or rings_for(facts.registry, board) in ("", street)
        ),
        people=tuple(_on_duty(facts, wall, each, lately) for each in on_duty),
        off_duty=len(rest),
        command=bool(facts.settings.escalation.command),
        nobody=bool(deaf) if street is None else street in deaf,
        rest=tuple(_on_duty(facts, wall, each, lately) for each in rest),
        ringless=_ringless(facts) if street is None else (),
    )


def _ringless(facts: Facts) -> tuple[str, ...]:
    rung = {rings_for(facts.registry, board) for board in facts.registry.pagers()}
    return () if "" in rung else tuple(s for s in facts.registry.streets() if s not in rung)


def unreachable(facts: Facts, wall: int) -> list[str]:
    """The streets whose alarms would reach nobody at this moment: no listening desk, no pager in
    contact, no person on duty with a way that works. The configured command is no person."""
    reached = {row["street"] for row in _listening(facts)}
    if "" in reached:
        return []
    reached |= {
        rings_for(facts.registry, board)
        for board in facts.registry.pagers()
        if not _ring(facts, board, "").missing
    }
    if "" in reached:
        return []
    reached |= {
        each.get("street", "")
        for each in facts.registry.people(wall)
        if any(way.works for way in _ways(facts, wall, each))
    }
    return [] if "" in reached else [s for s in facts.registry.streets() if s not in reached]


def with_hope(people: Iterable[Person], facts: Facts) -> list[Person]:
    """The people of the registry, each with those ways alone that could ever work."""
    return [
        {**each, "ways": [way for way in each["ways"] if _missing(way, facts) not in HOPELESS]}
        for each in people
    ]


def _missing(way: Mapping[str, str], facts: Facts) -> str:
    kind = CHANNELS.get(way["channel"])
    return kind.missing(way["address"], facts) if kind else "no_channel"


def _listening(facts: Facts) -> list[Any]:
    return facts.db.execute(
        "SELECT actor, role, street FROM desks WHERE listening GROUP BY actor, role, street"
        " ORDER BY actor"
    ).fetchall()


def _ring(facts: Facts, board: str, site: str) -> Ring:
    known = facts.registry.board(board) or {}
    missing = Pager.missing(board, facts)
    if not missing and known.get("simulated") and facts.registry.holds_real_board():
        missing = "simulated"  # a virtual board wakes nobody where real ones call
    name = f"{known.get('site_name', board)} {known.get('place', '')}".rstrip()
    own = known.get("site") == site
    return Ring(board, name, missing, own, known.get("street", ""))


def _on_duty(facts: Facts, wall: int, person: dict[str, Any], lately: Mapping[str, int]) -> OnDuty:
    told = lately.get(person["id"], 0)
    full = told >= facts.settings.escalation.notices_most
    held = notices.waiting(facts.db, person, untold=True) if full else 0
    ways = tuple(
        way._replace(tried=tries.last(facts.db, person["id"], way.channel, way.address))
        for way in _ways(facts, wall, person)
    )
    names = (person["id"], person["name"], person["post"], person.get("street", ""))
    return OnDuty(*names, ways, told, held)


def _ways(facts: Facts, wall: int, person: dict[str, Any]) -> tuple[Way, ...]:
    return tuple(_way(facts, wall, way) for way in person["ways"])


def _way(facts: Facts, wall: int, way: Mapping[str, str]) -> Way:
    channel, address = way["channel"], way["address"]
    row = facts.db.execute(
        "SELECT state, detail, ended_wall FROM notices WHERE channel = ? AND address = ?"
        " AND ended_wall IS NOT NULL ORDER BY row DESC LIMIT 1",
        (channel, address),
    ).fetchone()
    failed = None
    if row and row["state"] == "failed" and wall - row["ended_wall"] < FAILED_MS:
        # what was missing then is asked anew above
        failed = (
            None if row["detail"].startswith("missing.") else (row["detail"], row["ended_wall"])
        )
    return Way(channel, address, _missing(way, facts), failed)
