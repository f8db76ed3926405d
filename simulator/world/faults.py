"""What goes wrong, and when: drawn from the seed; and how often it met a press in flight."""

import json
import random
from collections import Counter
from dataclasses import dataclass, field

from simulator.world.checkers import Judge, Press

# every fault of the world, and the press's states in which it can meet one
FAULTS = (
    "loss",
    "duplication",
    "delay",
    "reorder",
    "partition",
    "half_open",
    "board_cut",
    "crash_before_commit",
    "crash_after_commit",
    "write_failed",
    "write_torn",
    "disk_full",
    "clock_step",
    "machine_restart",
)
# felt: the board has it; saved: in its flash; stored: in the ledger, the board does not know;
# told: the board knows; taken: by a person
STATES = ("felt", "saved", "stored", "told", "taken")


@dataclass
class Plan:
    """One seed's faults. Probabilities are per message or per write."""

    loss: float
    duplication: float
    delay_ms: int
    slow: float  # part of the messages that take up to `delay_ms`
    write_failed: float
    write_torn: float
    events: list[tuple[int, str, int]] = field(default_factory=list)  # (ms, fault, for ms)
    night_ms: tuple[int, int] | None = None  # nobody is at a desk: from, for


def draw(rng: random.Random, boards: int, fault_ms: int) -> Plan:
    """A seed's plan: every kind of fault is likely in twenty seeds, none is in all of them."""
    plan = Plan(
        loss=rng.choice((0.0, 0.05, 0.15, 0.3)),
        duplication=rng.choice((0.0, 0.05, 0.2)),
        delay_ms=rng.choice((50, 1000, 8000)),
        slow=rng.choice((0.0, 0.1, 0.3)),
        write_failed=rng.choice((0.0, 0.05, 0.2)),
        write_torn=rng.choice((0.0, 0.05, 0.2)),
    )

    def times(most: int) -> list[int]:
        return [rng.randrange(1000, fault_ms) for _ in range(rng.randint(0, most))]

    for at in times(boards):
        plan.events.append((at, "partition", rng.choice((500, 3000, 15000))))
    for at in times(boards):
        plan.events.append((at, "half_open", rng.choice((3000, 12000, 30000))))
    for at in times(boards * 2):
        plan.events.append((at, "board_cut", rng.choice((200, 2000, 10000))))
    for fault in ("crash_before_commit", "crash_after_commit"):
        for at in times(4):
            plan.events.append((at, fault, rng.choice((100, 1000, 4000))))
    for at in times(2):
        plan.events.append((at, "disk_full", rng.choice((1000, 6000, 15000))))
    for at in times(2):
        plan.events.append((at, "clock_step", 0))
    # what passed while the kernel was down only the wall clock knows: no seed sets that one, too
    if rng.random() < 0.4:
        plan.events = [each for each in plan.events if each[1] != "clock_step"]
        for_ms = rng.choice((4000, 20000))  # it is back before all is healed
        at = rng.randrange(1000, max(1001, fault_ms - for_ms))
        plan.events.append((at, "machine_restart", for_ms))
    plan.events.sort()
    if rng.random() < 0.5:
        plan.night_ms = (rng.randrange(fault_ms), rng.choice((30_000, 50_000, 90_000)))
    return plan


class Coverage:
    """How often each fault met a press in flight, by the press's state."""

    def __init__(self) -> None:
        self.count: Counter[tuple[str, str]] = Counter()

    def met(self, fault: str, state: str) -> None:
        self.count[fault, state] += 1

    def add(self, other: "Coverage") -> None:
        self.count.update(other.count)

    def never(self) -> list[str]:
        """Faults that met no press in flight at all."""
        return [f for f in FAULTS if not any(self.count[f, s] for s in STATES)]

    def table(self) -> str:
        width = max(map(len, FAULTS))
        lines = [" " * width + "".join(f"{state:>9}" for state in STATES)]
        for fault in FAULTS:
            cells = "".join(f"{self.count[fault, state]:>9}" for state in STATES)
            lines.append(f"{fault:<{width}}{cells}")
        return "\n".join(lines)


class Flight:
    """The presses in flight, seen from outside: which a fault has met, and in what state."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.coverage = Coverage()

    def _state_of(self, press: Press) -> str | None:
        """Where it is; None when its end is known to the board."""
        if press.ended:
            return None
        if press.heard_ms is not None:
            committed, hidden = self.judge.committed, press.kind == "duress"
            state = (
                committed.state(press.board, "duress") if hidden else committed.call(press.board)
            )
            return "taken" if state == "taken" else "told"
        if self.judge.committed.names[press.name]:
            return "stored"
        return "saved" if press.saved else "felt"

    def _met(self, fault: str, press: Press) -> None:
        state = self._state_of(press)
        if state:
            self.coverage.met(fault, state)

    def met(self, fault: str, board: str | None = None) -> None:
        """It met every press in flight, or every one of a board."""
        for press in self.judge.presses:
            if board in (None, press.board):
                self._met(fault, press)

    def met_message(self, fault: str, board: str, message: str, payload: bytes) -> None:
        """A message's fault meets the press that the message is about."""
        value = json.loads(payload)
        press = self.judge.by_name.get((board, value.get("boot", ""), value.get("number", 0)))
        if message in ("report", "receipt") and press:
            self._met(fault, press)
        elif message in ("state", "heartbeat"):
            for each in self.judge.presses:
                if each.board == board and self._state_of(each) in ("told", "taken"):
                    self._met(fault, each)

    def met_flash(self, fault: str) -> None:
        """A write's fault meets the newest press."""
        if self.judge.presses:
            self._met(fault, self.judge.presses[-1])
