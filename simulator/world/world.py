"""The virtual world: a heap of (virtual ms, n, call) and one seeded random.

It drives the same `Board.step` and `run_batch` as the product: clock, network, flash and disk
are its own. A seed replays a run to the byte: a fault phase, then heal and converge.
"""

import heapq
import json
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hub import core
from hub.events import Event, Now
from simulator.world.board import SimulatedBoard
from simulator.world.checkers import Judge
from simulator.world.duty import Leader, Leaver, Registrar, StreetOfficer, Ways, drills
from simulator.world.faults import Coverage, Flight, Plan, draw
from simulator.world.hands import Hands
from simulator.world.network import Network
from simulator.world.people import City, Officer
from simulator.world.presses import Fingers
from simulator.world.records import Records
from simulator.world.room import Room
from simulator.world.town import Town
from simulator.world.watch import Watch

START_WALL = 1_780_000_000_000
HEAL_MS = 150_000  # longer than the longest back-off and than a test's window
REBUILT_EACH = 10  # seeds: making all tables again costs as much as all other checks
CALM_TICK_MS = 1_000
TRACE_LINES = 400


@dataclass(frozen=True)
class Size:
    """How large a seed's world is."""

    boards: int = 8
    presses: int = 60
    fault_ms: int = 60_000


@dataclass
class Variant:
    """The product, or one that is broken on purpose: see `simulator/broken.py`."""

    name: str = ""
    run_batch: Callable[..., list[Event]] = core.run_batch
    rooms: core.Rooms | None = None
    boot_of: Callable[[SimulatedBoard], str] | None = None


@dataclass
class Result:
    """What a seed came to."""

    seed: int
    pressed: int
    stored: int
    judge: Judge
    coverage: Coverage
    trace: list[str] = field(default_factory=list)


class World:
    """One seed's run."""

    def __init__(self, seed: int, size: Size, variant: Variant) -> None:
        self.seed = seed
        self.size = size
        self.variant = variant
        self.rng = random.Random(seed)
        self.heap: list[tuple[int, int, Callable[[], None]]] = []
        self.count = 0
        self.ms = 0
        self.wall_offset = 0
        self.boot_ms = 0  # when the hub's machine was started last
        self.healed = False
        self.judge = Judge()
        self.flight = Flight(self.judge)
        self.trace: deque[str] = deque(maxlen=TRACE_LINES)
        self.plan: Plan = draw(random.Random(f"{seed} faults"), size.boards, size.fault_ms)
        names = [f"board-{n:02d}" for n in range(1, size.boards + 1)]
        duty_rng = random.Random(f"{seed} duty")
        self.town = Town(names, duty_rng)
        boot_of = variant.boot_of or (lambda board: f"{self.rng.getrandbits(64):016x}")
        self.boards = {
            name: SimulatedBoard(
                name, self, self.rng, self.rng.choice((1, 1, 2)), self.town.keys[name], boot_of
            )
            for name in names
        }
        for board in self.boards.values():
            board.write_fault = self._write_fault
        self.network = Network(self, self.plan, self.rng)
        self.room = Room(self, self.rng)
        self.db = self.room.db
        self.watch = Watch(self.judge, self.room.settings, self.town, self.boards)
        self.fingers = Fingers(self, self.rng)
        ends: dict[str, str] = {}
        self.officers = [Leaver(name, self, self.rng, ends, duty_rng) for name in ("zhang", "li")]
        self.drilled = drills(duty_rng, self.town)
        self.people: list[Officer] = [
            *self.officers,
            *(
                StreetOfficer(street, self, duty_rng, ends)
                for street in self.town.streets()
                if duty_rng.random() < 0.3
            ),
            Leader("min", self, duty_rng, {}),
            Registrar(self, duty_rng, self.town, self.drilled),
        ]
        self.hands = Hands(self, duty_rng)
        self.ways = Ways(self, duty_rng)
        self.city = City(self, self.rng, attentive=self.rng.random() < 0.7)

    # --- time -----------------------------------------------------------------------------

    def at(self, delay_ms: int, call: Callable[[], None]) -> None:
        self.count += 1
        heapq.heappush(self.heap, (self.ms + max(0, int(delay_ms)), self.count, call))

    def now_ms(self) -> int:
        return self.ms

    def now(self) -> Now:
        return Now(START_WALL + self.ms + self.wall_offset, self.ms - self.boot_ms)

    def log(self, line: str) -> None:
        self.trace.append(f"{self.ms:>8} {line}")

    def run(self) -> Result:
        """The whole seed: faults, healing, verdict."""
        self._begin()
        end = self.size.fault_ms + HEAL_MS
        while self.heap and self.heap[0][0] <= end:
            self.ms, _, call = heapq.heappop(self.heap)
            call()
        self._verdict()
        stored = sum(1 for p in self.judge.presses if self.judge.committed.names[p.name])
        return Result(
            self.seed,
            len(self.judge.presses),
            stored,
            self.judge,
            self.flight.coverage,
            list(self.trace),
        )

    def _begin(self) -> None:
        self.room.start()
        for board in self.boards.values():
            board.start()
            self._connect_soon(board, 400)
        for desk in self.officers:
            self.at(self.rng.randint(0, 3000), desk.start)
        for each in self.people[len(self.officers) :]:
            each.start()
        self.room.tick()
        self.room.tell_head()
        self.fingers.schedule(self.size.presses, self.size.fault_ms)
        self.hands.schedule(self.drilled, self.size.fault_ms)
        for at_ms, fault, for_ms in self.plan.events:
            self.at(at_ms, lambda f=fault, ms=for_ms: self._strike(f, ms))  # type: ignore[misc]
        if self.plan.night_ms:
            begins_ms, for_ms = self.plan.night_ms
            for officer in self.people:
                self.at(begins_ms, lambda o=officer, ms=for_ms: o.sleep(ms))  # type: ignore[misc]
        self.at(self.size.fault_ms, self._heal)

    def _verdict(self) -> None:
        self.judge.end({name: board.lamps for name, board in self.boards.items()}, self.ms)
        self.city.catch_up()
        asked = {id_: each for officer in self.people for id_, each in officer.asked.items()}
        records = Records(self.judge, self.db, self.town, self.city, asked)
        for ask in self.room.every_ask():
            replies = {reply.site: reply.answered for reply in ask.replies}
            self.judge.committed.asks.shown(ask.id, replies, self.ms)
        stepped = any(fault == "clock_step" for _, fault, _ in self.plan.events)
        records.check(self.ms, self.network.under_way_ms, stepped)
        if self.seed % REBUILT_EACH == 0:
            records.rebuild()

    # --- what people and boards ask of the world ------------------------------------------

    def to_hub(self, event: Event) -> None:
        self.room.put(event)

    def incidents(self, state: str, street: str = "") -> list[tuple[str, str, str]]:
        return self.room.incidents(state, street)

    def windows(self) -> list[int]:
        return self.room.windows()

    def asks(self) -> list[tuple[str, list[str]]]:
        return self.room.asks()

    def tell(self, notice: int) -> None:
        """The hub's shell hands a notice to a way."""
        (body,) = self.db.execute("SELECT body FROM ledger WHERE number = ?", (notice,)).fetchone()
        self.ways.tell(notice, body)

    def refill(self, topic: str, after: int) -> list[str] | None:
        return self.room.refill(topic, after)

    def answer_lost(self) -> bool:
        """Whether the hub's answer does not reach the page that acted."""
        return not self.healed and self.rng.random() < self.plan.loss

    def calm(self) -> bool:
        return self.healed

    def send(self, board: SimulatedBoard, path: int, message: str, payload: bytes) -> None:
        self.network.send(board, path, message, payload)

    def observe(self, board: SimulatedBoard, effect: tuple[Any, ...]) -> None:
        """A board's journal: its keys, what it felt, what its flash has, and what it shows."""
        verb = effect[0]
        if verb == "contact":
            self.fingers.contact(board, effect[1], effect[2])
        elif verb == "save":
            self.log(f"{board.name} felt {effect[2]} {effect[1][0]}:{effect[1][1]}")
            name, kind, said = (board.name, *effect[1]), effect[2], effect[3]
            if kind in ("abnormal", "allwell", "answer") or said.get("code") == "allwell":
                self.hands.felt(board, name, kind, said)
            else:
                self.fingers.felt(board, name, kind)
        elif verb == "flash" and effect[2]:
            name = (board.name, *effect[1])
            self.judge.saved.add(name)
            if name in self.judge.by_name:
                self.judge.by_name[name].saved = True
        elif verb == "marked":
            self.fingers.marked((board.name, *effect[1]), effect[2])
        elif verb == "recalled":
            self.network.recalled(board)
        elif verb == "replayed":
            self.fingers.replayed(board, effect[1])
        elif verb == "panel":
            self.log(f"{board.name} lamps {json.dumps(board.lamps)}")
            self.judge.lamps(board.name, board.lamps, self.ms)
            self.hands.saw(board, effect[1]["grey"])

    # --- faults ---------------------------------------------------------------------------

    def _write_fault(self) -> str:
        if self.healed:
            return ""
        draw_ = self.rng.random()
        if draw_ < self.plan.write_failed:
            self.flight.met_flash("write_failed")
            return "write_failed"
        if draw_ < self.plan.write_failed + self.plan.write_torn:
            self.flight.met_flash("write_torn")
            return "write_torn"
        return ""

    def _strike(self, fault: str, for_ms: int) -> None:
        self.log(f"fault {fault} for {for_ms} ms")
        board = self.boards[self.rng.choice(list(self.boards))]
        if fault == "partition":
            self.flight.met(fault, board.name)
            self.network.partition(board, for_ms, (True, True), known=True)
        elif fault == "half_open":
            ways = self.rng.choice(((True, False), (False, True), (True, True)))
            self.network.partition(board, for_ms, ways, known=False)
        elif fault == "board_cut":
            if board.on:
                self.flight.met(fault, board.name)
                board.cut()
                self.fingers.cut(board)
                self.at(for_ms, lambda: self._power_on(board))
        elif fault == "disk_full":
            self.flight.met(fault)
            self.db.full = True
            self.at(for_ms, self._disk_free)
        elif fault == "clock_step":
            self.flight.met(fault)
            self.wall_offset += self.rng.choice((-86_400_000, -3_000, 3_000, 86_400_000))
        elif fault == "machine_restart":
            self.room.power_off(for_ms)
        else:
            self.db.crash = fault.split("_")[1]

    def _power_on(self, board: SimulatedBoard) -> None:
        if not board.on:
            self.log(f"{board.name} starts")
            board.start()
            self._connect_soon(board, 1500)

    def _connect_soon(self, board: SimulatedBoard, most_ms: int) -> None:
        self.at(self.rng.randint(10, most_ms), lambda: self.network.connect(board))

    def _disk_free(self) -> None:
        self.db.full = False

    def _heal(self) -> None:
        """Faults end; from here everything must converge."""
        self.log("healed")
        self.healed = True
        self.db.crash = ""
        self._disk_free()
        self.network.deaf.clear()
        if self.room.hub is None:
            self.room.start_in(0)
        for board in self.boards.values():
            self._power_on(board)
            self.network.connect(board)
        self._calm_tick()

    def _calm_tick(self) -> None:
        self.watch.calm_tick(self.ms)
        self.at(CALM_TICK_MS, self._calm_tick)
