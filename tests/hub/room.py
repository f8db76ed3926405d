"""A hub's core in virtual time: tests read *expect - forward - expect*."""

import json
from typing import Any

from hub import core, store
from hub.events import (
    Action,
    Arrived,
    DeskHere,
    Echo,
    Effect,
    Event,
    Now,
    Started,
    Ticked,
    ToBoard,
)
from hub.settings import Settings

START_WALL = 1_780_000_000_000
BOOT = "00112233445566ff"


class Registry:
    """Boards a1 to a3 (a3 is a pager), all simulated unless `real` says otherwise."""

    def __init__(self) -> None:
        self.real: set[str] = set()
        self.lacking: set[str] = set()  # boards that it does not have for the moment
        self.sites: dict[str, str] = {}  # where it is not a site of its own
        self.streets_of: dict[str, str] = {}  # where it is not 南山街道
        self.places: dict[str, str] = {}  # where on its site a board is
        self.offices: set[str] = set()  # boards in a street's own duty room
        self.told: list[dict[str, Any]] = []  # people on duty at any hour

    def board(self, board: str) -> dict[str, Any] | None:
        if board not in (*self.boards(), "self-test") or board in self.lacking:
            return None
        return {
            "site": self.sites.get(board, f"site-{board}"),
            "site_name": f"学校 {board}",
            "place": self.places.get(board, ""),
            "street": self.streets_of.get(board, "南山街道"),
            "simulated": board not in self.real,
            "office": board in self.offices,
        }

    def contact(self, site: str, wall: int) -> str:
        return "门卫 老周 0755-1"

    def contacts(self, site: str) -> list[dict[str, Any]]:
        return [{"from": 0, "until": 0, "name": "老周", "phone": "0755-1", "role": "门卫"}]

    def people(self, wall: int | None) -> list[dict[str, Any]]:
        return self.told

    def pagers(self) -> list[str]:
        return ["board-a3"]

    def streets(self) -> list[str]:
        return ["南山街道"]

    def boards(self) -> list[str]:
        return ["board-a1", "board-a2", "board-a3"]

    def holds_real_board(self) -> bool:
        return bool(self.real)


class Room:
    """One duty room. `said` collects the effects that left since the last `take()`."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.db = store.connect(":memory:")
        self.settings = settings or Settings(district="nanshan", name="南山区值班室")
        self.registry = Registry()
        self.ms = 1_000
        self.offset = 0
        self.said: list[Effect] = []
        self.number = 0
        store.prepare(self.db, "nanshan", "feedfacecafe0001", self.now())
        self.start()

    def now(self) -> Now:
        return Now(START_WALL + self.ms + self.offset, self.ms)

    def start(self) -> None:
        """The program starts (again); only the database is what it was."""
        self.hub = store.open_hub(self.db, self.registry, self.settings)
        self.do(Started("kernel-1", "test"))

    def do(self, *events: Event) -> list[Effect]:
        """One batch. -> what left after its commit."""
        before = len(self.said)
        core.run_batch(self.hub, list(events), self.now(), self.said.append)
        return self.said[before:]

    def forward(self, seconds: float, desk: bool = False, echo: bool = True) -> None:
        """Time passes, a tick each second; `desk`: a listening desk signs all the while."""
        end = self.ms + int(seconds * 1000)
        while self.ms < end:
            self.ms = min(end, self.ms + 1000)
            signs: list[Event] = [DeskHere("d1", "张伟", "officer", True)] if desk else []
            self.do(*signs, *([Echo()] if echo else []), Ticked())

    def listen(self) -> None:
        self.do(DeskHere("d1", "张伟", "officer", True), Ticked())

    def report(self, board: str, kind: str, number: int | None = None, **more: Any) -> Arrived:
        self.number = number or self.number + 1
        value = {"boot": BOOT, "number": self.number, "kind": kind, "age_ms": 0, "reboots": 0}
        return self.message(board, "report", {**value, **more})

    def message(self, board: str, message: str, value: dict[str, Any]) -> Arrived:
        return Arrived(board, message, json.dumps(value).encode())

    def heartbeat(self, board: str, **more: Any) -> Arrived:
        value = {"boot": BOOT, "waiting_from": 1, "settings": 0, "refused": 0, "dropped": 0}
        return self.message(board, "heartbeat", {**value, **more})

    def hello(self, board: str, keys: str = "alarm confirm", **more: Any) -> Arrived:
        value = {"boot": BOOT, "catalogue": "0" * 16, "firmware": "x", "lamps": 3, "torn": 0}
        return self.message(board, "hello", {**value, "keys": keys, **more})

    def act(self, verb: str, incident: str, who: str = "张伟", **data: Any) -> str:
        """-> the answer's code."""
        self.number += 1
        action = Action(f"action-{self.number}", "d1", who, "officer", verb, incident, data)
        (answer,) = [e for e in self.do(action) if type(e).__name__ == "Answer"]
        return answer.code  # type: ignore[union-attr]

    def same_after_replay(self) -> None:
        """Asserts that the ledger alone makes the same tables."""
        db = store.connect(":memory:")
        self.db.backup(db)
        db.execute("PRAGMA user_version = 0")
        store.prepare(db, "nanshan", "feedfacecafe0001", self.now())
        assert store.dump(db) == store.dump(self.db)

    def troubles(self, kind: str) -> list[str]:
        """The details of the equipment lane's entries of that kind."""
        rows = self.db.execute("SELECT detail FROM troubles WHERE kind = ? ORDER BY row", (kind,))
        return [row["detail"] for row in rows]

    def incidents(self) -> list[Any]:
        return self.db.execute("SELECT * FROM incidents ORDER BY opened_row").fetchall()

    def only(self) -> Any:
        (incident,) = self.incidents()
        return incident

    def feed(self, topic: str = "alarm") -> list[dict[str, Any]]:
        rows = self.db.execute(
            "SELECT event FROM feed WHERE topic = ? ORDER BY sequence", (topic,)
        )
        return [json.loads(row["event"]) for row in rows]

    def changes(self, topic: str = "alarm") -> list[str]:
        return [event["data"]["change"] for event in self.feed(topic)]

    def ledger_kinds(self) -> list[str]:
        return [row["kind"] for row in self.db.execute("SELECT kind FROM ledger ORDER BY number")]


def to_boards(effects: list[Effect], message: str) -> list[dict[str, Any]]:
    """The messages of that kind among effects."""
    return [e.value for e in effects if isinstance(e, ToBoard) and e.message == message]
