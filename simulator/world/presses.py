"""Fingers on keys, and what a board must make of them: the grammar of the smallest kit, told once
more in plain rules that share nothing with the firmware."""

import random
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.world.board import SimulatedBoard
from simulator.world.checkers import SILENT_GRACE_MS, SILENT_MS, Press
from simulator.world.committed import Name

if TYPE_CHECKING:
    from simulator.world.world import World

FELT_MS = 150  # debounce, and the 100 ms in which a press must be felt
HOLD_MS = 3_000
TEST_HOLD_MS = 5_000
TEST_WINDOW_MS = 120_000
THIRD_PRESS_MS = 10_000
WITHDRAW_FROM_MS, WITHDRAW_UNTIL_MS = 2_000, 60_000
WITHDRAWALS = 3  # of one seed; two orders in which they arrive are rare
APART_MS = 200  # between two pressings of one board's keys
MARKS = ("saved", "stored", "refused", "closed")  # of a report in flash, the later the better
GESTURES = ("alarm", "duress", "test", "hold", "withdraw")


@dataclass
class Finger:
    """One pressing of red or of the hidden key. `became`: what the board made of it so far."""

    serial: int
    key: str
    at_ms: int
    until_ms: int
    life: int
    became: str = ""
    name: Name = ("", "", 0)
    held: bool = False  # the board has said that it was held


class Fingers:
    """Schedules a seed's pressings, and compares what boards say with what was done to them."""

    def __init__(self, world: "World", rng: random.Random) -> None:
        self.world = world
        self.rng = rng
        self.serial = 0
        self.free_ms: dict[str, int] = {}  # when planned pressings leave a board free
        self.busy_ms: dict[str, int] = {}  # and when what is really pressed does
        self.fingers: dict[str, deque[Finger]] = {n: deque(maxlen=20) for n in world.boards}
        self.grey_ms: dict[str, tuple[int, int | None]] = {}  # board -> last contact: from, to
        self.window_ms: dict[str, int] = {}  # board -> when a grey hold may have opened a window
        self.reports: set[tuple[int, Name]] = set()
        self.marks: dict[Name, str] = {}

    # --- what is done -----------------------------------------------------------------------

    def schedule(self, presses: int, until_ms: int) -> None:
        names = list(self.world.boards)
        self.free_ms = dict.fromkeys(names, 500)
        for _ in range(presses):
            key = "duress" if self.rng.random() < 0.1 else "alarm"
            hold_ms = self.rng.choice((120, 120, 300, 900, 3500))
            self._later(self.rng.choice(names), self.rng.randrange(500, until_ms), key, hold_ms)
        for _ in range(presses // 10):
            hold_ms = self.rng.choice((300, 3300, 5300))
            at_ms = self.rng.randrange(500, until_ms)
            self._grey_later(self.rng.choice(names), at_ms, hold_ms)
        self._schedule_test(self.rng.choice(names), self.rng.randrange(500, until_ms))
        for _ in range(WITHDRAWALS):
            self._schedule_withdrawal(self.rng.choice(names), self.rng.randrange(500, until_ms))

    def _schedule_test(self, name: str, at_ms: int) -> None:
        """A window of test, and red inside it: too often, or too long, and it is real."""
        self._grey_later(name, at_ms, 5300)
        for _ in range(self.rng.randint(1, 4)):
            at_ms += 6_000 if self.rng.random() < 0.2 else 2_000
            self._later(name, at_ms + 5_500, "alarm", self.rng.choice((120, 300, 300, 3500)))

    def _schedule_withdrawal(self, name: str, at_ms: int) -> None:
        """Red, a wish to withdraw it, and red again at once: they may change places."""
        self._later(name, at_ms, "alarm", 120)
        self._grey_later(name, at_ms + 2_500, 3300)
        self._later(name, at_ms + 5_600, "alarm", 120)

    def _later(self, name: str, at_ms: int, key: str, hold_ms: int) -> None:
        at_ms = max(self.free_ms[name], at_ms)
        self.free_ms[name] = at_ms + hold_ms + APART_MS
        serial = self.next_serial()
        self.world.at(at_ms, lambda: self._press(name, serial, key, hold_ms))

    def _grey_later(self, name: str, at_ms: int, hold_ms: int) -> None:
        def press() -> None:
            self.grey(name, hold_ms)

        self.world.at(at_ms, press)

    def grey(self, name: str, hold_ms: int) -> bool:
        """Press grey now, unless a finger is on it, or just was."""
        _, until_ms = self.grey_ms.get(name, (0, -APART_MS))
        if until_ms is None or self.world.ms - until_ms < APART_MS:
            return False
        self.world.boards[name].press("confirm", hold_ms)
        return True

    def red_since(self, name: str, at_ms: int) -> bool:
        """Red was down at that moment or later: it goes first, and grey means nothing then."""
        return any(f.key == "alarm" and f.until_ms >= at_ms for f in self.fingers[name])

    def occupy(self, name: str, hold_ms: int) -> bool:
        """A finger is on a key that is not grey; False when there is one already."""
        if self.world.ms < self.busy_ms.get(name, 0):
            return False
        self.busy_ms[name] = self.world.ms + hold_ms + APART_MS
        return True

    def red(self, name: str, hold_ms: int) -> None:
        """Press red now."""
        self._press(name, self.next_serial(), "alarm", hold_ms)

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    def _press(self, name: str, serial: int, key: str, hold_ms: int) -> None:
        board = self.world.boards[name]
        self.world.log(f"{name} key {key} pressed (press {serial}) for {hold_ms} ms")
        if not board.on or not self.occupy(name, hold_ms):
            return
        finger = Finger(serial, key, self.world.ms, self.world.ms + hold_ms, board.life)
        self.fingers[name].append(finger)
        self.world.at(FELT_MS, lambda: self._look_felt(board, finger))
        if key == "alarm" and hold_ms > HOLD_MS + FELT_MS:
            self.world.at(HOLD_MS + FELT_MS, lambda: self._look_held(board, finger))
        board.press(key, hold_ms)

    def contact(self, board: SimulatedBoard, key: str, down: bool) -> None:
        """A key's contact closed or opened: of grey it is remembered for how long."""
        if key != "confirm" or not board.on:
            return
        begun_ms, until_ms = self.grey_ms.get(board.name, (0, 0))
        if down and until_ms is not None:
            self.grey_ms[board.name] = begun = (self.world.ms, None)
            life = board.life

            def window() -> None:
                if board.alive(life) and self.grey_ms[board.name] == begun:
                    self.window_ms[board.name] = self.world.ms

            self.world.at(TEST_HOLD_MS, window)
        elif not down and until_ms is None:
            self.grey_ms[board.name] = (begun_ms, self.world.ms)

    def cut(self, board: SimulatedBoard) -> None:
        """The board lost its power: whatever it was doing with its keys is over."""
        self.fingers[board.name].clear()
        self.grey_ms.pop(board.name, None)
        self.window_ms.pop(board.name, None)

    # --- what the board says ------------------------------------------------------------------

    def felt(self, board: SimulatedBoard, name: Name, kind: str) -> None:
        """A report went to the flash: some key must have been pressed for it, once."""
        if kind not in GESTURES or (board.life, name) in self.reports:
            return  # or it is offered to the flash once more
        self.reports.add((board.life, name))
        if kind == "alarm":
            self.world.judge.alarm_ms[board.name] = self.world.ms
        if kind == "withdraw":
            good = self._may_withdraw(board)
        elif kind == "hold":
            good = self._held(board, "alarm") is not None
        else:
            good = self._pressed(board, name, kind)
        if not good:
            self._wrong(
                "doubled", name, f"{_text(name)} of {board.name} says {kind}, and no key did that"
            )

    def _pressed(self, board: SimulatedBoard, name: Name, kind: str) -> bool:
        key = "duress" if kind == "duress" else "alarm"
        waiting = [f for f in self.fingers[board.name] if f.key == key and not f.became]
        if waiting:
            finger, contact_ms = waiting[0], waiting[0].at_ms
            finger.became, finger.name = kind, name
            if kind == "test":
                self._check_test(board, finger)
        else:
            held = self._held(board, "test") if kind == "alarm" else None
            if held is None:
                return False
            finger, contact_ms = held, self.world.ms
        if kind == "alarm":
            self.window_ms.pop(board.name, None)
        press = Press(finger.serial, board.name, kind, self.world.ms, board.life, name)
        press.contact_ms = contact_ms
        self.world.judge.felt(press)
        self.world.at(SILENT_MS + SILENT_GRACE_MS, lambda: self._look_silent(board, press))
        return True

    def _held(self, board: SimulatedBoard, became: str) -> Finger | None:
        """The red press of which the board says for the first time that it was held."""
        for finger in self.fingers[board.name]:
            long_enough = self.world.ms - finger.at_ms >= HOLD_MS
            in_time = long_enough and self.world.ms - finger.at_ms <= HOLD_MS + FELT_MS
            if finger.became == became and finger.key == "alarm" and in_time and not finger.held:
                finger.held = True
                return finger
        return None

    def _check_test(self, board: SimulatedBoard, finger: Finger) -> None:
        """A test only in a window of test, and there never the third press within 10 s."""
        opened_ms = self.window_ms.get(board.name)
        which = f"press {finger.serial} of {board.name}"
        if opened_ms is None or finger.at_ms >= opened_ms + TEST_WINDOW_MS:
            self._wrong("lost", finger.name, f"{which} became a test, and no test was open there")
            return
        before = [
            each
            for each in self.fingers[board.name]
            if each is not finger
            and each.became == "test"
            and each.at_ms >= max(opened_ms, finger.at_ms - THIRD_PRESS_MS)
        ]
        if len(before) >= 2:
            self._wrong(
                "lost", finger.name, f"{which} is the third within 10 s, and stayed a test"
            )

    def _may_withdraw(self, board: SimulatedBoard) -> bool:
        begun_ms, until_ms = self.grey_ms.get(board.name, (self.world.ms, None))
        held_ms = (self.world.ms if until_ms is None else until_ms) - begun_ms
        fingers = self.fingers[board.name]
        alarms = [f.at_ms for f in fingers if f.became == "alarm"]
        alarms += [f.at_ms + HOLD_MS for f in fingers if f.became == "test" and f.held]
        since_ms = begun_ms - max(alarms, default=begun_ms)
        return held_ms >= HOLD_MS and WITHDRAW_FROM_MS <= since_ms <= WITHDRAW_UNTIL_MS

    # --- what is looked at later ----------------------------------------------------------------

    def _look_felt(self, board: SimulatedBoard, finger: Finger) -> None:
        if not board.alive(finger.life):
            return
        which = f"press {finger.serial} ({finger.key}) of {board.name}"
        if not finger.became:
            self._wrong(
                "lost",
                ("unfelt", finger.serial),
                f"{which} was not felt: its key was down on a powered board for more than the"
                " debounce, and no report came of it",
            )
        elif finger.became == "alarm" and board.lamps.get("calling") not in ("fast", "on"):
            press = self.world.judge.by_name.get(finger.name)
            if press is None or not press.ended:  # somebody may have closed it at once
                self._wrong("silent", finger.name, f"{which} was felt, and no lamp shows it")

    def _look_held(self, board: SimulatedBoard, finger: Finger) -> None:
        if board.alive(finger.life) and finger.became and not finger.held:
            self._wrong(
                "lost",
                ("hold", finger.serial),
                f"press {finger.serial} of {board.name} was held for 3 s as {finger.became},"
                " and the board reported no hold",
            )

    def _look_silent(self, board: SimulatedBoard, press: Press) -> None:
        if board.alive(press.life) and not press.ended:
            self.world.judge.looked_at(press, board.lamps, self.world.ms)

    # --- what flash must give back ---------------------------------------------------------

    def marked(self, name: Name, state: str) -> None:
        """Beside a report flash safely has what became of it."""
        self.marks[name] = max(state, self.marks.get(name, "saved"), key=MARKS.index)

    def replayed(self, board: SimulatedBoard, presses: list[tuple[Any, ...]]) -> None:
        """The board starts: what flash was told is told back."""
        for name, kind, state, _, _ in presses:
            marked = self.marks.get((board.name, *name), state)
            if MARKS.index(marked) > MARKS.index(state):
                self._wrong(
                    "silent",
                    ("mark", board.name, name),
                    f"after a cut {board.name} takes its {kind} {name[0]}:{name[1]} for {state};"
                    f" its flash had been told {marked}",
                )

    def _wrong(self, verdict: str, about: object, sentence: str) -> None:
        self.world.judge.wrong(verdict, self.world.ms, about, sentence)


def _text(name: Name) -> str:
    return f"{name[1]}:{name[2]}"
