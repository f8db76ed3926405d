"""The network between boards and hub: it loses, doubles, delays, reorders, parts and goes deaf."""

import json
import random
from typing import TYPE_CHECKING, Any

from hub.events import Arrived, ToBoard
from protocol import catalogue
from simulator.world.board import SimulatedBoard
from simulator.world.committed import Name
from simulator.world.faults import Plan
from simulator.world.room import said

if TYPE_CHECKING:
    from simulator.world.world import World


class Network:
    """`deaf`: (board, path) -> whether its way up and its way down swallow everything."""

    def __init__(self, world: "World", plan: Plan, rng: random.Random) -> None:
        self.world = world
        self.plan = plan
        self.rng = rng
        self.deaf: dict[tuple[str, int], tuple[bool, bool]] = {}
        self.under_way_ms: dict[Name, int] = {}  # a report -> its slowest copy before its row
        self.settled: set[tuple[int, Name]] = set()  # (life, report) that a receipt has ended

    def connect(self, board: SimulatedBoard) -> None:
        for path in range(board.paths):
            if (board.name, path) not in self.deaf:
                board.link(path, True)

    def send(self, board: SimulatedBoard, path: int, message: str, payload: bytes) -> None:
        self.world.log(f"{board.name} -> {message} {payload.decode()}")
        if message == "report":
            self._check_settled(board, json.loads(payload))
        if self.deaf.get((board.name, path), (False, False))[0]:
            self.world.flight.met_message("half_open", board.name, message, payload)
            return
        event = Arrived(board.name, message, payload)
        for delay in self._copies(board.name, message, payload):
            self.world.at(delay, lambda delay=delay: self._to_hub(event, delay))  # type: ignore[misc]

    def _check_settled(self, board: SimulatedBoard, report: dict[str, Any]) -> None:
        """What a receipt called stored is offered again only when the hub has lost it."""
        name = (board.name, report["boot"], report["number"])
        if "was" not in report and (board.life, name) in self.settled:
            self.world.judge.wrong(
                "silent",
                self.world.ms,
                ("settled", name),
                f"{board.name} goes on offering its {report['kind']} {name[1]}:{name[2]} after the"
                " receipt that called it stored",
            )

    def recalled(self, board: SimulatedBoard) -> None:
        """Another ledger: the board offers again whatever its flash had when it was read, also
        what has got its receipt since."""
        self.settled = {each for each in self.settled if each[1][0] != board.name}

    def _to_hub(self, event: Arrived, delay: int) -> None:
        if event.message == "report":
            value = json.loads(event.payload)
            name = (event.board, value["boot"], value["number"])
            if not self.world.judge.committed.names[name]:
                self.under_way_ms[name] = max(delay, self.under_way_ms.get(name, 0))
        self.world.room.put(event)

    def to_board(self, effect: ToBoard) -> None:
        payload = catalogue.encode(effect.message, effect.value)
        board = self.world.boards[effect.board]
        life = board.life
        for path in range(board.paths):
            if not board.on or not board.links[path]:
                continue
            if self.deaf.get((board.name, path), (False, False))[1]:
                self.world.flight.met_message("half_open", board.name, effect.message, payload)
                continue
            for delay in self._copies(board.name, effect.message, payload):
                self.world.at(
                    delay,
                    lambda path=path: self._arrive(board, life, path, effect, payload),  # type: ignore[misc]
                )

    def _arrive(
        self, board: SimulatedBoard, life: int, path: int, effect: ToBoard, payload: bytes
    ) -> None:
        if not board.alive(life) or not board.links[path]:
            return
        self.world.log(f"{board.name} <- {effect.message} {payload.decode()}")
        for name, state in said(effect):
            if state not in ("unknown", "later"):
                ended = state in ("closed", "refused")
                self.world.judge.receipt_heard(name, self.world.ms, ended)
                if effect.message == "receipt":
                    self.settled.add((board.life, name))
        board.step(("heard", path, effect.message, payload))

    def _copies(self, board: str, message: str, payload: bytes) -> list[int]:
        """The delays of 0, 1 or 2 copies of a message."""
        met = self.world.flight.met_message
        if self.world.healed:
            return [self.rng.randint(1, 40)]
        if self.rng.random() < self.plan.loss:
            met("loss", board, message, payload)
            return []
        delays = [self.rng.randint(1, 40)]
        if self.rng.random() < self.plan.slow:
            met("delay", board, message, payload)
            met("reorder", board, message, payload)
            delays[0] += self.rng.randint(0, self.plan.delay_ms)
        if self.rng.random() < self.plan.duplication:
            met("duplication", board, message, payload)
            delays.append(delays[0] + self.rng.randint(1, 1000))
        return delays

    def partition(
        self, board: SimulatedBoard, for_ms: int, ways: tuple[bool, bool], known: bool
    ) -> None:
        """`known`: the board sees its link fall; else it is half open."""
        path = self.rng.randrange(board.paths)
        self.deaf[board.name, path] = ways
        if known:
            board.link(path, False)

        def over() -> None:
            self.deaf.pop((board.name, path), None)
            board.link(path, False)  # a half-open link is found dead, then made anew
            self.world.at(self.rng.randint(10, 1500), lambda: self.connect(board))

        self.world.at(for_ms, over)
