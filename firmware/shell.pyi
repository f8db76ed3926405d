from collections.abc import Callable, Sequence
from typing import Any, Protocol

from firmware.core import Board, Effect, Event
from firmware.mqtt import Link
from firmware.outbox import Outbox

class Clock(Protocol):
    def now_ms(self) -> int: ...

class KeptLike(Protocol):
    def keep(self, name: str, value: Any) -> None: ...

class PanelLike(Protocol):
    def show(self, panel: dict[str, Any], tones: list[str]) -> None: ...

class Shell:
    board: Board
    links: Sequence[Link]
    outbox: Outbox
    clock: Clock
    def __init__(
        self,
        board: Board,
        district: str,
        clock: Clock,
        links: Sequence[Link],
        outbox: Outbox,
        kept: KeptLike,
        panel: PanelLike,
        watch: Callable[[Effect], object],
    ) -> None: ...
    def feed(self, event: Event) -> None: ...
    async def run(self) -> None: ...
