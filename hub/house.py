"""What a page may know and ask of the running hub: the seam between `app` and `desk/`."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hub.core import Registry
from hub.events import Action, Answer, Event, Now
from hub.folder import Folder
from hub.registry import Change, Row
from hub.registry import Registry as RegistryFile
from hub.settings import Settings


@dataclass
class Health:
    """What is not in the ledger because the ledger, or the way to it, may be what fails.

    `disk_error`: why commits fail, or None; `broker_up`: the hub's own connection;
    `self_test_wall`: ms of the last self-test press that went through broker and ledger;
    `notices`: sentences for a banner, zh then en (a torn registry, boards on CPython, ...).
    """

    disk_error: str | None = None
    broker_up: bool = False
    self_test_wall: int | None = None
    notices: tuple[tuple[str, str], ...] = ()


@dataclass
class Office:
    """What the quiet pages may read and change, beyond the house.

    `registry`: the file itself; `enter(actor, rows to put, ids to take out)` changes it by table,
    puts that on record and has the broker take it. Raises Sentence, OSError.
    """

    folder: Folder
    registry: RegistryFile
    enter: Callable[[str, dict[str, list[Row]], dict[str, list[str]]], Change]


@dataclass
class House:
    """`reader`: a read-only connection with sqlite3.Row rows, for the event loop's thread.

    `submit` hands an event to the writer and returns at once; `act` also waits for the commit
    and the answer; `followers`: each is set after a commit that changed what pages show; `now`
    reads both clocks. `framed_by`: the origin of a demo's page, which
    alone may show the desk in a frame, and only while all boards are simulated.
    """

    settings: Settings
    registry: Registry
    reader: sqlite3.Connection
    submit: Callable[[Event], None]
    act: Callable[[Action], Awaitable[Answer]]
    followers: set[asyncio.Event]
    now: Callable[[], Now]
    health: Health
    office: Office
    city_token: str
    framed_by: str = ""

    @property
    def simulated(self) -> bool:
        """Whether all boards are; asked anew, because a real one may be enrolled at any time."""
        return bool(self.registry.boards()) and not self.registry.holds_real_board()
