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

from hub import core, store
from hub.events import (
    Answer,
    Arrived,
    Effect,
    Event,
    FeedGrew,
    Now,
    Started,
    Ticked,
    ToBoard,
)
from hub.settings import Settings
from protocol import catalogue
from simulator.world.board import SimulatedBoard
from simulator.world.checkers import SILENT_GRACE_MS, SILENT_MS, Judge, Press
from simulator.world.disk import FaultyDatabase, HubCrashed, open_database
from simulator.world.faults import Coverage, Plan, draw
from simulator.world.people import City, Officer

START_WALL = 1_780_000_000_000
TICK_MS = 500
HEAL_MS = 150_000  # longer than the longest back-off and than a test's window
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


class Registry:
    """Every board of the world is enrolled and simulated; one of them is a pager too."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.facts = {
            name: {
                "site": f"site-{name}",
                "site_name": name,
                "street": "street",
                "contact": "",
                "simulated": True,
            }
            for name in names
        }

    def board(self, board: str) -> dict[str, Any] | None:
        return self.facts.get(board)

    def pagers(self) -> list[str]:
        return self.names[-1:]

    def boards(self) -> list[str]:
        return self.names

    def holds_real_board(self) -> bool:
        return False


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
        self.healed = False
        self.judge = Judge()
        self.coverage = Coverage()
        self.trace: deque[str] = deque(maxlen=TRACE_LINES)
        self.kept_trace: list[str] = []
        self.plan: Plan = draw(random.Random(f"{seed} faults"), size.boards, size.fault_ms)
        self.ends: dict[str, str] = {}
        self.serials: dict[str, deque[tuple[int, str]]] = {}
        self.deaf: dict[tuple[str, int], tuple[bool, bool]] = {}
        self._people_and_things()

    def _people_and_things(self) -> None:
        names = [f"board-{n:02d}" for n in range(1, self.size.boards + 1)]
        boot_of = self.variant.boot_of or (lambda board: f"{self.rng.getrandbits(64):016x}")
        self.boards = {
            name: SimulatedBoard(name, self, self.rng, self.rng.choice((1, 1, 2)), boot_of)
            for name in names
        }
        for board in self.boards.values():
            board.write_fault = self._write_fault
            self.serials[board.name] = deque()
        self.registry = Registry(names)
        self.settings = Settings(district="world", name="world")
        self.db: FaultyDatabase = open_database()
        store.prepare(self.db, "world", f"{self.seed & (1 << 64) - 1:016x}", self.now())
        self.hub: core.Hub | None = None
        self.queue: list[Event] = []
        self.waking = False
        self.published = {"alarm": 0, "exercise": 0}
        self.officers = [Officer(name, self, self.rng, self.ends) for name in ("zhang", "li")]
        self.city = City(self, self.rng, attentive=self.rng.random() < 0.7)

    # --- time -----------------------------------------------------------------------------

    def at(self, delay_ms: int, call: Callable[[], None]) -> None:
        self.count += 1
        heapq.heappush(self.heap, (self.ms + max(0, int(delay_ms)), self.count, call))

    def now_ms(self) -> int:
        return self.ms

    def now(self) -> Now:
        return Now(START_WALL + self.ms + self.wall_offset, self.ms)

    def calm(self) -> bool:
        return self.healed

    def run(self) -> Result:
        """The whole seed: faults, healing, verdict."""
        self._start_hub()
        for board in self.boards.values():
            board.start()
            self.at(self.rng.randint(10, 400), lambda board=board: self._connect(board))  # type: ignore[misc]
        for officer in self.officers:
            self.at(self.rng.randint(0, 3000), officer.start)
        self.at(TICK_MS, self._tick)
        self._schedule_presses()
        for at_ms, fault, for_ms in self.plan.events:
            self.at(at_ms, lambda f=fault, ms=for_ms: self._strike(f, ms))  # type: ignore[misc]
        self.at(self.size.fault_ms, self._heal)
        end = self.size.fault_ms + HEAL_MS
        while self.heap and self.heap[0][0] <= end:
            self.ms, _, call = heapq.heappop(self.heap)
            call()
            if self.judge.first and not self.kept_trace:
                self.kept_trace = list(self.trace)
        self.judge.end({name: board.lamps for name, board in self.boards.items()}, self.ms)
        stored = sum(1 for p in self.judge.presses if self.judge.committed.names[p.name])
        return Result(
            self.seed,
            len(self.judge.presses),
            stored,
            self.judge,
            self.coverage,
            self.kept_trace or list(self.trace),
        )

    def log(self, line: str) -> None:
        self.trace.append(f"{self.ms:>8} {line}")

    # --- the hub --------------------------------------------------------------------------

    def _start_hub(self) -> None:
        rooms = self.variant.rooms
        self.hub = store.open_hub(self.db, self.registry, self.settings)
        if rooms is not None:
            self.hub.rooms = rooms
        self.queue = []
        self.waking = False
        with_cursor = dict(self.db.execute("SELECT topic, sequence FROM cursors"))
        self.published = {topic: with_cursor.get(topic, 0) for topic in ("alarm", "exercise")}
        self.to_hub(Started("world", "simulated"))
        self.log("hub starts")

    def to_hub(self, event: Event) -> None:
        """What arrives while the hub is down is gone: clean sessions, QoS 0."""
        if self.hub is None:
            return
        self.queue.append(event)
        if not self.waking:
            self.waking = True
            hub = self.hub
            self.at(self.rng.randint(1, 20), lambda: self._batch(hub))

    def _tick(self) -> None:
        if not self.judge_echo_lost():
            from hub.events import Echo

            self.to_hub(Echo())
        self.to_hub(Ticked())
        self.at(TICK_MS, self._tick)

    def judge_echo_lost(self) -> bool:
        return self.hub is None

    def _batch(self, hub: core.Hub) -> None:
        if hub is not self.hub:
            return
        self.waking = False
        events, self.queue = self.queue, []
        reports = any(isinstance(e, Arrived) and e.message == "report" for e in events)
        crash, self.db.crash = self.db.crash, self.db.crash if reports else ""
        try:
            self.variant.run_batch(hub, events, self.now(), self._deliver)
        except HubCrashed:
            fault = f"crash_{crash}_commit"
            if not self.db.in_transaction:
                self.judge.committed.pull(self.db, self.ms)
            self._met(fault)
            self.log(f"hub dies ({crash} the commit)")
            self.hub = None
            self.at(self.rng.randint(100, 4000), self._start_hub)
            return
        if crash and not reports:
            self.db.crash = crash
        self.judge.committed.pull(self.db, self.ms)

    def _deliver(self, effect: Effect) -> None:
        if not self.db.in_transaction:
            self.judge.committed.pull(self.db, self.ms)
        if isinstance(effect, ToBoard):
            self._receipts_sent(effect)
            self._to_board(effect)
        elif isinstance(effect, FeedGrew):
            self._publish(effect.topic)
        elif isinstance(effect, Answer):
            for officer in self.officers:
                officer.answered(effect.action)

    def _publish(self, topic: str) -> None:
        for sequence, id_ in self.db.execute(
            "SELECT sequence, id FROM feed WHERE topic = ? AND sequence > ? ORDER BY sequence",
            (topic, self.published[topic]),
        ).fetchall():
            self.published[topic] = sequence
            self.city.published(topic, sequence, id_)

    def incidents(self, state: str) -> list[tuple[str, str, str]]:
        """What a page shows; nothing while the hub is down."""
        if self.hub is None:
            return []
        return [
            tuple(row)
            for row in self.db.execute(
                "SELECT id, kind, outcome FROM incidents WHERE state = ? ORDER BY since_row",
                (state,),
            )
        ]

    # --- the network ----------------------------------------------------------------------

    def _connect(self, board: SimulatedBoard) -> None:
        for path in range(board.paths):
            if (board.name, path) not in self.deaf:
                board.link(path, True)

    def send(self, board: SimulatedBoard, path: int, message: str, payload: bytes) -> None:
        self.log(f"{board.name} -> {message} {payload.decode()}")
        if self.deaf.get((board.name, path), (False, False))[0]:
            self._met_report("half_open", board.name, message, payload)
            return
        event = Arrived(board.name, message, payload)
        for delay in self._copies(board.name, message, payload):
            self.at(delay, lambda: self.to_hub(event))

    def _to_board(self, effect: ToBoard) -> None:
        payload = catalogue.encode(effect.message, effect.value)
        board = self.boards[effect.board]
        life = board.life
        for path in range(board.paths):
            if not board.on or not board.links[path]:
                continue
            if self.deaf.get((board.name, path), (False, False))[1]:
                self._met_report("half_open", board.name, effect.message, payload)
                continue
            for delay in self._copies(board.name, effect.message, payload):
                self.at(delay, lambda path=path: self._arrive(board, life, path, effect, payload))  # type: ignore[misc]

    def _arrive(
        self, board: SimulatedBoard, life: int, path: int, effect: ToBoard, payload: bytes
    ) -> None:
        if board.alive(life) and board.links[path]:
            self.log(f"{board.name} <- {effect.message} {payload.decode()}")
            self._receipts_heard(board, effect)
            board.step(("heard", path, effect.message, payload))

    def _copies(self, board: str, message: str, payload: bytes) -> list[int]:
        """The delays of 0, 1 or 2 copies of a message."""
        if self.healed:
            return [self.rng.randint(1, 40)]
        if self.rng.random() < self.plan.loss:
            self._met_report("loss", board, message, payload)
            return []
        delays = [self.rng.randint(1, 40)]
        if self.rng.random() < self.plan.slow:
            self._met_report("delay", board, message, payload)
            self._met_report("reorder", board, message, payload)
            delays[0] += self.rng.randint(0, self.plan.delay_ms)
        if self.rng.random() < self.plan.duplication:
            self._met_report("duplication", board, message, payload)
            delays.append(delays[0] + self.rng.randint(1, 1000))
        return delays

    # --- what the checkers see ------------------------------------------------------------

    def observe(self, board: SimulatedBoard, effect: tuple[Any, ...]) -> None:
        """A board's journal: what it felt, saved and showed."""
        verb = effect[0]
        if verb == "save":
            self.log(f"{board.name} felt {effect[2]} {effect[1][0]}:{effect[1][1]}")
            self._felt(board, effect[1], effect[2])
        elif verb == "flash" and effect[2]:
            name = (board.name, effect[1][0], effect[1][1])
            self.judge.saved.add(name)
            press = self.judge.by_name.get(name)
            if press:
                press.saved = True
        elif verb == "panel":
            self.log(f"{board.name} lamps {json.dumps(board.lamps)}")
            self.judge.lamps(board.name, board.lamps, self.ms)

    def _felt(self, board: SimulatedBoard, name: tuple[str, int], kind: str) -> None:
        waiting = self.serials[board.name]
        if kind == "alarm":
            self.judge.alarm_ms[board.name] = self.ms
        again = (board.name, *name) in self.judge.by_name and board.life == self.judge.by_name[
            board.name, *name
        ].life  # the same press, offered to the flash once more
        if kind not in ("alarm", "duress", "test") or not waiting or again:
            return
        serial, _ = waiting.popleft()
        press = Press(serial, board.name, kind, self.ms, board.life, (board.name, *name))
        self.judge.felt(press)
        self.at(SILENT_MS + SILENT_GRACE_MS, lambda: self._look(board, press))

    def _look(self, board: SimulatedBoard, press: Press) -> None:
        if board.alive(press.life) and not press.ended:
            self.judge.looked_at(press, board.lamps, self.ms)

    def _receipts_sent(self, effect: ToBoard) -> None:
        for name, state in _said(effect):
            if state not in ("unknown", "later", "refused"):
                self.judge.receipt_sent(name, self.ms)

    def _receipts_heard(self, board: SimulatedBoard, effect: ToBoard) -> None:
        for name, state in _said(effect):
            if state not in ("unknown", "later"):
                self.judge.receipt_heard(name, self.ms, state in ("closed", "refused"))

    def _state_of(self, press: Press) -> str | None:
        """A press in flight: where it is; None when its end is known to the board."""
        if press.ended:
            return None
        if press.heard_ms is not None:
            kind = "duress" if press.kind == "duress" else "alarm"
            return "taken" if self.judge.committed.state(press.board, kind) == "taken" else "told"
        if self.judge.committed.names[press.name]:
            return "stored"
        return "saved" if press.saved else "felt"

    def _met(self, fault: str, board: str | None = None) -> None:
        for press in self.judge.presses:
            if board in (None, press.board):
                state = self._state_of(press)
                if state:
                    self.coverage.met(fault, state)

    def _met_report(self, fault: str, board: str, message: str, payload: bytes) -> None:
        """A message's fault meets the press that the message is about."""
        value = json.loads(payload)
        press = self.judge.by_name.get((board, value.get("boot", ""), value.get("number", 0)))
        if message in ("report", "receipt") and press:
            state = self._state_of(press)
            if state:
                self.coverage.met(fault, state)
        elif message in ("state", "heartbeat"):
            for each in self.judge.presses:
                if each.board == board and self._state_of(each) in ("told", "taken"):
                    self.coverage.met(fault, str(self._state_of(each)))

    # --- presses and faults ---------------------------------------------------------------

    def _schedule_presses(self) -> None:
        names = list(self.boards)
        free_ms = dict.fromkeys(names, 500)
        for serial in range(1, self.size.presses + 1):
            name = self.rng.choice(names)
            at_ms = max(free_ms[name], self.rng.randrange(500, self.size.fault_ms))
            key = "duress" if self.rng.random() < 0.1 else "alarm"
            hold_ms = self.rng.choice((120, 120, 300, 900, 3500))
            free_ms[name] = at_ms + hold_ms + 200
            self.at(at_ms, lambda n=name, s=serial, k=key, h=hold_ms: self._press(n, s, k, h))  # type: ignore[misc]
        for _ in range(self.size.presses // 10):
            name = self.rng.choice(names)
            hold_ms = self.rng.choice((300, 3300, 5300))
            at_ms = self.rng.randrange(500, self.size.fault_ms)
            self.at(at_ms, lambda n=name, h=hold_ms: self.boards[n].press("confirm", h))  # type: ignore[misc]

    def _press(self, name: str, serial: int, key: str, hold_ms: int) -> None:
        board = self.boards[name]
        self.log(f"{name} key {key} pressed (press {serial}) for {hold_ms} ms")
        if board.on:
            self.serials[name].append((serial, key))
            board.press(key, hold_ms)

    def _write_fault(self) -> str:
        if self.healed:
            return ""
        draw_ = self.rng.random()
        if draw_ < self.plan.write_failed:
            self._met_flash("write_failed")
            return "write_failed"
        if draw_ < self.plan.write_failed + self.plan.write_torn:
            self._met_flash("write_torn")
            return "write_torn"
        return ""

    def _met_flash(self, fault: str) -> None:
        if self.judge.presses:
            state = self._state_of(self.judge.presses[-1])
            if state:
                self.coverage.met(fault, state)

    def _strike(self, fault: str, for_ms: int) -> None:
        self.log(f"fault {fault} for {for_ms} ms")
        board = self.boards[self.rng.choice(list(self.boards))]
        if fault == "partition":
            self._met(fault, board.name)
            self._partition(board, for_ms, (True, True), known=True)
        elif fault == "half_open":
            ways = self.rng.choice(((True, False), (False, True), (True, True)))
            self._partition(board, for_ms, ways, known=False)
        elif fault == "board_cut":
            if board.on:
                self._met(fault, board.name)
                board.cut()
                self.serials[board.name].clear()
                self.at(for_ms, lambda: self._power_on(board))
        elif fault == "disk_full":
            self._met(fault)
            self.db.full = True
            self.at(for_ms, self._disk_free)
        elif fault == "clock_step":
            self._met(fault)
            self.wall_offset += self.rng.choice((-86_400_000, -3_000, 3_000, 86_400_000))
        else:
            self.db.crash = fault.split("_")[1]

    def _partition(
        self, board: SimulatedBoard, for_ms: int, ways: tuple[bool, bool], known: bool
    ) -> None:
        path = self.rng.randrange(board.paths)
        self.deaf[board.name, path] = ways
        if known:
            board.link(path, False)

        def over() -> None:
            self.deaf.pop((board.name, path), None)
            board.link(path, False)  # a half-open link is found dead, then made anew
            self.at(self.rng.randint(10, 1500), lambda: self._connect(board))

        self.at(for_ms, over)

    def _power_on(self, board: SimulatedBoard) -> None:
        if not board.on:
            self.log(f"{board.name} starts")
            board.start()
            self.at(self.rng.randint(10, 1500), lambda: self._connect(board))

    def _disk_free(self) -> None:
        self.db.full = False

    def _heal(self) -> None:
        """Faults end; from here everything must converge."""
        self.log("healed")
        self.healed = True
        self.db.crash = ""
        self._disk_free()
        self.deaf.clear()
        if self.hub is None:
            self._start_hub()
        for board in self.boards.values():
            self._power_on(board)
            self._connect(board)


def _said(effect: ToBoard) -> list[tuple[tuple[str, str, int], str]]:
    """(name, state) of every press that a message to a board speaks of."""
    value = effect.value
    if effect.message == "receipt":
        return [((effect.board, value["boot"], value["number"]), value["answer"])]
    if effect.message == "state":
        names = [(each["press"].split(":"), each["state"]) for each in value["presses"]]
        return [((effect.board, boot, int(number)), state) for (boot, number), state in names]
    return []
