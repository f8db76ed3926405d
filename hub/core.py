"""All that a hub decides: one `step`, one `record`, one `tick`, inside the caller's transaction.

No socket, file, clock or random number here. The state is the database: rooms add handlers,
projections and passes through the literal tables of `hub/rooms.py`, never state of their own.
What is only remembered (`Memory`) may be lost at any instant without a fact being lost.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from hub import ledger
from hub.events import Action, Answer, Arrived, DiskState, Effect, Event, Now, Ticked
from hub.settings import Settings

log = logging.getLogger("qianshao.hub")

# what SQLite says when the disk, not the statement, is at fault
DAMAGE = ("malformed", "not a database")
DISK_ERRORS = ("full", "disk i/o", "readonly", "unable to open", *DAMAGE)


class Registry(Protocol):
    """What the core asks of the registry; see `hub/registry.py`."""

    def board(self, board: str) -> dict[str, Any] | None:
        """The board with its site's facts merged in, or None."""

    def contact(self, site: str, wall: int) -> str:
        """Who answers at that site at that moment, or nothing."""

    def contacts(self, site: str) -> list[dict[str, Any]]:
        """Everyone entered for that site: from, until, days?, name, phone, role?"""

    def people(self, wall: int | None) -> list[dict[str, Any]]:
        """Whom the hub may tell at that moment: those on duty, in their order; None: all."""

    def pagers(self) -> list[str]:
        """Boards that may ring for others' incidents."""

    def streets(self) -> list[str]:
        """Every street that has an enrolled board."""

    def boards(self) -> list[str]:
        """All enrolled boards."""

    def holds_real_board(self) -> bool:
        """Whether any enrolled board is real: then simulated ones are only ever exercise."""


class Words(NamedTuple):
    """Of one board: its last word, and the last one of any start before that; steady ms."""

    boot: str
    last: int
    before: int | None  # None: this start alone was heard since the hub's


@dataclass
class Memory:
    """What may be forgotten at a crash: everything here is heard or sent again."""

    started: int = 0  # steady ms of this program's start
    roll_calls: int = 0  # wall ms up to which no roll call at its time is owed
    boot_row: int = 0  # first ledger row of this kernel boot: `steady` is comparable from here
    heard: dict[str, int] = field(default_factory=dict)  # board -> steady ms
    boots: dict[str, str] = field(default_factory=dict)  # board -> its present boot
    introduced: dict[str, str] = field(default_factory=dict)  # board -> boot whose hello is done
    desks: dict[str, int] = field(default_factory=dict)  # desk -> steady ms
    echo: int = 0  # steady ms of the last broker echo
    ticked: int | None = None  # steady ms of the last tick
    stalled: tuple[int, int] = (0, 0)  # until when (steady ms) it stood still last, how long (ms)
    spoke: dict[str, Words] = field(default_factory=dict)  # board -> when it spoke last
    told: dict[str, int] = field(default_factory=dict)  # what is told once a minute -> steady ms
    bucket: dict[str, tuple[float, int]] = field(default_factory=dict)  # board -> (left, steady)
    checked: dict[str, tuple[str, int]] = field(default_factory=dict)  # board -> losses looked for
    bad: dict[str, tuple[int, int]] = field(default_factory=dict)  # board -> (count, told steady)
    broker_silent: bool = False
    joined: int = 0  # last ledger row when the hub's own link to the broker came up last
    wall_offset: int | None = None  # wall - steady, at the last tick
    alerted: int = 0  # steady ms of the last round of pager orders
    listening: frozenset[str] | None = (
        None  # streets that a desk listens for, "": all; None: unknown
    )

    def hears(self, street: str) -> bool | None:
        """Whether somebody at a listening desk would hear a call from there; None: not known."""
        if self.listening is None:
            return None
        return "" in self.listening or street in self.listening

    def forget_decided(self) -> None:
        """A transaction was undone: what it may have settled is looked at again."""
        self.boots.clear()
        self.introduced.clear()
        self.checked.clear()
        self.bad.clear()
        self.told.clear()
        self.alerted = 0
        self.broker_silent = False


class Rooms(NamedTuple):
    """Who handles what: filled by the one literal table in `hub/rooms.py`."""

    handlers: Mapping[type, Callable[["Hub", Any, Now], Iterator[Effect]]]
    projections: Mapping[str, Callable[[sqlite3.Connection, ledger.Row], Iterator[Effect]]]
    passes: Sequence[Callable[["Hub", Now], Iterator[Effect]]]
    settle: Callable[["Hub", list[Effect], Now], Iterator[Effect]]
    unprocessed: Callable[["Hub", Arrived, Now, str], Iterator[Effect]]
    later: Callable[["Hub", Arrived, int, str], Effect | None]


class Hub:
    """The duty room's decisions. `db`: the one writing connection, schema already there."""

    def __init__(
        self, db: sqlite3.Connection, registry: Registry, settings: Settings, rooms: "Rooms"
    ) -> None:
        self.db = db
        self.rooms = rooms
        self.registry = registry
        self.settings = settings
        self.memory = Memory()
        self.head = ledger.head(db)
        about = dict(db.execute("SELECT key, value FROM about"))
        self.district: str = about["district"]
        self.birth: str = about["birth"]

    def step(self, event: Event, now: Now) -> Iterator[Effect]:
        """Take one event; yield what is to be done once the transaction is on disk."""
        if isinstance(event, Ticked):
            for each in self.rooms.passes:
                yield from each(self, now)
        else:
            yield from self.rooms.handlers[type(event)](self, event, now)

    def record(self, now: Now, kind: str, actor: str, body: dict[str, Any]) -> Iterator[Effect]:
        """Append one fact and project it: the only road by which the hub's state changes."""
        row, hash_ = ledger.append(self.db, self.head, now, kind, actor, body)
        self.head = (row.number, hash_)
        yield from self.rooms.projections[kind](self.db, row)

    def elapsed(self, now: Now, number: int) -> int:
        """ms since ledger row `number`: by the steady clock within one kernel boot, else by the
        wall's difference, never below 0."""
        wall, steady = self.db.execute(
            "SELECT wall, steady FROM ledger WHERE number = ?", (number,)
        ).fetchone()
        if number >= self.memory.boot_row:
            return max(0, now.steady - int(steady))
        return max(0, now.wall - int(wall))


def run_batch(
    hub: Hub, events: list[Event], now: Now, deliver: Callable[[Effect], None]
) -> list[Event]:
    """One transaction, one fsync for all events; effects leave only after the commit.

    A batch that raises is run again one by one, so that one bad event costs no other. Returns
    the events that a failing disk kept from being stored (their senders were told `later`).
    """
    try:
        effects = _commit(hub, _steps(hub, events, now), now)
    except sqlite3.Error as error:
        if is_disk_error(error):
            _refuse(hub, events, error, deliver)
            return events
        effects = _one_by_one(hub, events, now, deliver, error)
    except Exception as error:  # noqa: BLE001 - a person's report must not die of our mistake
        effects = _one_by_one(hub, events, now, deliver, error)
    for effect in effects:
        deliver(effect)
    return []


def is_disk_error(error: sqlite3.Error) -> bool:
    """Whether the disk is at fault (SQLITE_FULL, IOERR, READONLY, CANTOPEN, CORRUPT)."""
    return any(word in str(error).lower() for word in DISK_ERRORS)


def _steps(hub: Hub, events: list[Event], now: Now) -> Iterator[Effect]:
    for event in events:
        yield from hub.step(event, now)


def _commit(hub: Hub, work: Iterator[Effect], now: Now) -> list[Effect]:
    """Drain `work` inside one transaction; whatever it raises leaves nothing behind."""
    head, spoke = hub.head, dict(hub.memory.spoke)
    try:
        hub.db.execute("BEGIN IMMEDIATE")
        effects = list(work)
        effects.extend(hub.rooms.settle(hub, effects, now))
        hub.db.execute("COMMIT")
    except BaseException:
        if hub.db.in_transaction:
            hub.db.execute("ROLLBACK")
        hub.head, hub.memory.spoke = head, spoke  # a start that is not on record dates no other
        hub.memory.forget_decided()
        raise
    return effects


def _one_by_one(
    hub: Hub,
    events: list[Event],
    now: Now,
    deliver: Callable[[Effect], None],
    error: Exception,
) -> list[Effect]:
    if len(events) == 1:
        log.error("%s could not be processed", type(events[0]).__name__, exc_info=error)
        event = events[0]
        if isinstance(event, Arrived) and event.message == "report":
            try:
                return _commit(hub, hub.rooms.unprocessed(hub, event, now, repr(error)), now)
            except sqlite3.Error as second:
                _refuse(hub, events, second, deliver)
            except Exception:
                log.exception("nor can it be kept raw: its board goes on offering it")
        return []
    for event in events:
        run_batch(hub, [event], now, deliver)
    return []


def _refuse(
    hub: Hub, events: list[Event], error: Exception, deliver: Callable[[Effect], None]
) -> None:
    """The disk does not take it: every report is told `later`, every page that acted hears so."""
    for event in events:
        if isinstance(event, Arrived):
            effect = hub.rooms.later(hub, event, 5000, "disk")
            if effect:
                deliver(effect)
        elif isinstance(event, Action):
            deliver(Answer(event.id, "disk", {}))
    deliver(DiskState(str(error)))
