"""What a way of telling people is: whether it can work now, and one `send`."""

import sqlite3
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from hub.core import Registry
from hub.events import ToBoard
from hub.settings import Settings


class Person(NamedTuple):
    """Who is told. `address`: as this way needs it (a board, a telephone number, an URL)."""

    id: str
    name: str
    post: str
    address: str


class Text(NamedTuple):
    """What is said. `incident`: empty where the way is only tried; `words`: one message in the
    person's language; `facts`: the incident's, for programs."""

    incident: str
    words: str
    facts: dict[str, Any]


class Receipt(NamedTuple):
    """What became of it (回执). `state`: accepted (somebody took it over), delivered (it is before
    the person), answered (by the person) or failed; `detail`: why, as the key of a text or as the
    other side said it.

    Only a person's taking the incident ends the telling: a receipt never does.
    """

    state: str
    detail: str = ""


class Facts(NamedTuple):
    """What a way may look at. `broker_up`: whether boards can be reached at all."""

    db: sqlite3.Connection
    registry: Registry
    settings: Settings
    broker_up: bool


class Means(NamedTuple):
    """What a way may do. `look`: the facts of this moment; `to_board` -> whether it left."""

    look: Callable[[], Facts]
    to_board: Callable[[ToBoard], bool]


class Channel(Protocol):
    """One way. It keeps nothing between two messages."""

    def __init__(self, means: Means) -> None: ...

    @staticmethod
    def missing(address: str, facts: Facts) -> str:
        """Why it cannot work now, as the key `missing.<this>` of the pages' texts, or nothing."""

    async def send(self, text: Text, person: Person) -> Receipt:
        """Tell the person. Whatever it raises is a failure; it has `sender.PATIENCE_S`."""
