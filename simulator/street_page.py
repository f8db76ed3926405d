"""The street on the demo's page: boards as they look on the wall, lamps lit by their own firmware.

It shows what each board's process says of its own panel, and moves nothing but that process's
input.
"""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from simulator.audience import Audience, Told
from simulator.fingers import Gesture, NoAnswer, NoSuchKey, Outcome, let_go, move, put_down

LAMPS = ("calling", "stored", "taken", "fault")
STEADY = ("off", "on", "slow", "fast")
DARK = dict.fromkeys(LAMPS, "off")
# what the page's fingers do: red, yellow 异常, white 平安, grey, and the hidden input
GESTURES = {
    "red": Gesture("alarm"),
    "red-hold": Gesture("alarm", 3000),
    "grey": Gesture("confirm"),
    "grey-3": Gesture("confirm", 3000),
    "grey-5": Gesture("confirm", 5000),
    "duress": Gesture("duress"),
    "yellow": Gesture("abnormal"),
    "white": Gesture("allwell"),
    "white-3": Gesture("allwell", 3000),
}
LOOK_S = 0.25


class Wall(NamedTuple):
    """What is known of a board before it says anything. `process` -> running, frozen or dead."""

    id: str
    site: str
    street: str
    place: str
    lamps: int
    pager: bool
    covert: bool
    keys: tuple[str, ...]
    folder: Path
    process: Callable[[], str]


class Street:
    """The boards, as `audience` sees them."""

    def __init__(self, walls: list[Wall], audience: Audience) -> None:
        self.walls = {wall.id: wall for wall in walls}
        self.audience = audience
        self.panels: dict[str, dict[str, Any]] = {}
        self.told: dict[str, str] = {}  # board -> the state its viewers know
        self.fingers: dict[str, tuple[str, Path]] = {}  # those on a key now -> key, board's folder

    def heard(self, board: str, line: bytes) -> None:
        """One line of the board's stdout: its panel."""
        try:
            panel = json.loads(line)
        except ValueError:
            return
        if isinstance(panel, dict) and panel.get("id") == board:
            self.panels[board] = panel
            self.audience.tell("board", self.view(board, panel.get("tones", [])))

    def view(self, board: str, tones: list[str] | None = None) -> dict[str, Any]:
        """What a viewer needs to draw the board; a dead one is dark."""
        state = self.walls[board].process()
        self.told[board] = state
        if state == "dead":
            self.panels.pop(board, None)
        panel = self.panels.get(board, {})
        return {
            "id": board,
            "state": state,
            "lamps": panel.get("lamps", DARK),
            "grey": panel.get("grey", "off"),
            "led": panel.get("led", "off"),
            "display": panel.get("display", ""),
            "tones": tones or [],
        }

    def boards(self) -> list[dict[str, Any]]:
        """`boards.json`: each board's lamps in five words, whatever the rhythm's exact name."""
        return [self._plain(wall, self.view(wall.id)) for wall in self.walls.values()]

    def _plain(self, wall: Wall, view: dict[str, Any]) -> dict[str, Any]:
        lamps = {
            lamp: pattern if pattern in STEADY else "blip"
            for lamp, pattern in view["lamps"].items()
        }
        return {
            "id": wall.id,
            "site": wall.site,
            "place": wall.place,
            "lamps": lamps,
            "display": view["display"],
            "alive": view["state"] != "dead",
            "frozen": view["state"] == "frozen",
        }

    def all_heard(self) -> bool:
        """Has every board been answered by the hub, by its own word?"""
        return all(_is_answered(self.panels.get(board, {})) for board in self.walls)

    async def watch(self) -> None:
        """Tell viewers of processes that died, froze or came back: they cannot say so."""
        while True:
            for board, wall in self.walls.items():
                if self.told.get(board) != wall.process():
                    self.audience.tell("board", self.view(board))
            await asyncio.sleep(LOOK_S)

    def views(self) -> list[Told]:
        """Every board, for a page that has just come."""
        return [("board", self.view(board)) for board in self.walls]

    def plan(self) -> list[dict[str, Any]]:
        """What does not change: the page draws the walls from it."""
        return [
            {
                "id": wall.id,
                "site": wall.site,
                "street": wall.street,
                "place": wall.place,
                "lamps": wall.lamps,
                "pager": wall.pager,
                "covert": wall.covert,
                "fingers": [name for name, each in GESTURES.items() if each.key in wall.keys],
            }
            for wall in self.walls.values()
        ]

    async def press(self, board: str, name: str) -> str:
        """-> saved, meant (no report comes of it), unsaved, nothing, silent or no_key."""
        gesture = GESTURES[name]
        try:
            outcome = await asyncio.to_thread(move, self.walls[board].folder, gesture)
        except NoAnswer:
            return "silent"
        except NoSuchKey:
            return "no_key"
        return _came_to(gesture.key, outcome)

    async def put_down(self, board: str, name: str) -> dict[str, str]:
        """A finger comes down on that key and stays: {finger}, or {outcome} as of `press`."""
        key, folder = GESTURES[name].key, self.walls[board].folder
        try:
            finger = await asyncio.to_thread(put_down, folder, key)
        except NoAnswer:
            return {"outcome": "silent"}
        except NoSuchKey:
            return {"outcome": "no_key"}
        self.fingers[finger] = (key, folder)
        return {"finger": finger}

    async def let_go(self, finger: str) -> str:
        """It leaves its key -> as of `press`. KeyError: no such finger is down."""
        key, folder = self.fingers.pop(finger)
        try:
            return _came_to(key, await asyncio.to_thread(let_go, folder, finger))
        except NoAnswer:
            return "silent"


def _came_to(key: str, outcome: Outcome) -> str:
    if outcome.unsaved or (key != "confirm" and not outcome.saved):
        return "unsaved"
    if outcome.nothing:
        return "nothing"
    return "saved" if outcome.saved else "meant"


def _is_answered(panel: dict[str, Any]) -> bool:
    """A board that rings or is asked something has its ● dark, and its grey key lit."""
    lamps = panel.get("lamps", DARK)
    in_contact = lamps["calling"] != "off" and lamps["fault"] == "off"
    is_lit = panel.get("grey", "off") != "off"
    return bool(in_contact or is_lit or lamps["stored"] == "on")
