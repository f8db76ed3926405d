"""Hands beside boards: the grey key that answers, yellow and white of the four-key kit, and
what a board must make of them: told once more in rules that share nothing with the firmware.
"""

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from simulator.world.board import SimulatedBoard
from simulator.world.checkers import Press
from simulator.world.committed import Name
from simulator.world.presses import FELT_MS, HOLD_MS

if TYPE_CHECKING:
    from simulator.world.world import World

SHORT_MS = 1_000
NOTES = {"abnormal": "abnormal", "allwell": "allwell", "duress": "allwell"}  # report -> its key
DRILL_PRESSES = 4  # of each drilled site: some at once after the other


@dataclass
class Hand:
    """One pressing of yellow or white. `said`: the reports it became."""

    key: str
    at_ms: int
    until_ms: int
    life: int
    said: list[str] = field(default_factory=list)


class Hands:
    """Answers what rings and what is asked, by dice of their own."""

    def __init__(self, world: "World", rng: random.Random) -> None:
        self.world = world
        self.rng = rng
        self.light: dict[str, str] = {}  # board -> its grey key's light
        self.since: dict[str, int] = {}  # board -> ms at which it became so
        self.answers: dict[str, int] = {}  # board -> how many it has felt
        self.hands: dict[str, list[Hand]] = {name: [] for name in world.boards}
        self.reports: set[tuple[int, Name]] = set()

    # --- what is done -----------------------------------------------------------------------

    def schedule(self, drilled: list[tuple[int, list[str]]], until_ms: int) -> None:
        """Red where a drill is held: just before it, in it, thrice at once and for long; and the
        keys of the four-key kit."""
        for begins_ms, sites in drilled:
            for site in sites:
                board = self.rng.choice(self.world.town.boards_of(site))
                at_ms = begins_ms + self.rng.randrange(-3_000, 8_000)
                for _ in range(self.rng.randint(1, DRILL_PRESSES)):
                    hold_ms = self.rng.choice((120, 120, 300, 300, 3_500))
                    self._red_later(board, max(600, at_ms), hold_ms)
                    at_ms += self.rng.choice((2_500, 6_000, 14_000, 30_000))
        for name, board_keys in self.world.town.keys.items():
            for _ in range(self.rng.randint(0, 2) if "allwell" in board_keys else 0):
                key = self.rng.choice(("abnormal", "allwell", "allwell"))
                hold_ms = self.rng.choice((120, 300, 3_500))
                at_ms = self.rng.randrange(500, until_ms)
                self.world.at(at_ms, lambda n=name, k=key, ms=hold_ms: self._press(n, k, ms))  # type: ignore[misc]

    def _red_later(self, name: str, at_ms: int, hold_ms: int) -> None:
        self.world.at(at_ms, lambda: self.world.fingers.red(name, hold_ms))

    def _press(self, name: str, key: str, hold_ms: int) -> None:
        board = self.world.boards[name]
        if not board.on or not self.world.fingers.occupy(name, hold_ms):
            return
        self.world.log(f"{name} key {key} pressed for {hold_ms} ms")
        hand = Hand(key, self.world.ms, self.world.ms + hold_ms, board.life)
        self.hands[name].append(hand)
        long = key == "allwell" and hold_ms > HOLD_MS + FELT_MS
        looks = {"abnormal": [("abnormal", FELT_MS)], "allwell": [("allwell", hold_ms + FELT_MS)]}
        for kind, after_ms in looks[key] + [("duress", HOLD_MS + FELT_MS)] * long:
            self.world.at(after_ms, lambda k=kind: self._look(board, hand, k))  # type: ignore[misc]
        board.press(key, hold_ms)

    def _look(self, board: SimulatedBoard, hand: Hand, kind: str) -> None:
        if board.alive(hand.life) and kind not in hand.said:
            about = f"the {hand.key} key of {board.name}, pressed at {hand.at_ms} ms,"
            self._wrong("lost", ("unfelt", board.name, hand.at_ms), f"{about} made no {kind}")

    def saw(self, board: SimulatedBoard, light: str) -> None:
        """The grey key's light is this now: fast when it rings, double when something is asked."""
        if self.light.get(board.name) != light:
            self.light[board.name] = light
            self.since[board.name] = self.world.ms
            self._react_soon(board, light)

    def _react_soon(self, board: SimulatedBoard, light: str) -> None:
        if light != "off":
            self.world.at(self.rng.randint(500, 8_000), lambda: self._react(board, light))

    def _react(self, board: SimulatedBoard, light: str) -> None:
        if not board.on or self.light.get(board.name) != light or self.rng.random() < 0.3:
            return  # nobody is there
        hold_ms = self.rng.choice((300, 300, 3_300)) if light == "fast" else 300
        before = self.answers.get(board.name, 0)
        life, at_ms = board.life, self.world.ms
        if self.world.fingers.grey(board.name, hold_ms):
            self.world.at(
                hold_ms + FELT_MS, lambda: self._look_answered(board, life, light, before, at_ms)
            )
        self._react_soon(board, light)

    def _look_answered(
        self, board: SimulatedBoard, life: int, light: str, before: int, at_ms: int
    ) -> None:
        still = board.alive(life) and self.since[board.name] < at_ms  # it shone all the while
        red = self.world.fingers.red_since(board.name, at_ms)
        if still and not red and self.answers.get(board.name, 0) == before:
            about = f"{board.name}'s grey key shone {light}, was pressed, and shines on unanswered"
            self._wrong("lost", ("unanswered", board.name, self.world.ms), about)

    # --- what the board says --------------------------------------------------------------

    def felt(self, board: SimulatedBoard, name: Name, kind: str, said: dict[str, Any]) -> None:
        """A report went to the flash: some key must have been pressed for it, once."""
        if (board.life, name) in self.reports:
            return  # it is offered to the flash once more
        self.reports.add((board.life, name))
        good = self._answered(board, said) if kind == "answer" else self._noted(board, kind)
        if not good:
            self._wrong(
                "doubled",
                name,
                f"{name[1]}:{name[2]} of {board.name} says {kind} {said.get('code', '')}, and no"
                " key did that",
            )
        if good and kind == "duress":
            press = Press(
                self.world.fingers.next_serial(), board.name, kind, self.world.ms, 0, name
            )
            self.world.judge.felt(press)

    def _noted(self, board: SimulatedBoard, kind: str) -> bool:
        now_ms = self.world.ms
        for hand in self.hands[board.name]:
            due_ms = {"abnormal": hand.at_ms, "duress": hand.at_ms + HOLD_MS}.get(
                kind, hand.until_ms
            )
            in_time = due_ms <= now_ms <= due_ms + FELT_MS
            if hand.key == NOTES[kind] and kind not in hand.said and in_time:
                hand.said.append(kind)
                return True
        return False

    def _answered(self, board: SimulatedBoard, said: dict[str, Any]) -> bool:
        """Short on release, or held; a board with an alarm of its own says busy by itself."""
        if said["code"] == "busy":
            return True
        self.answers[board.name] = self.answers.get(board.name, 0) + 1
        begun_ms, until_ms = self.world.fingers.grey_ms.get(board.name, (self.world.ms, None))
        if said["code"] == "taken":
            end_ms = self.world.ms if until_ms is None else until_ms
            return end_ms - begun_ms >= HOLD_MS
        released = until_ms is not None and self.world.ms - until_ms <= FELT_MS
        return released and (until_ms or 0) - begun_ms < SHORT_MS

    def _wrong(self, verdict: str, about: object, sentence: str) -> None:
        self.world.judge.wrong(verdict, self.world.ms, about, sentence)
