from collections.abc import Callable, Sequence
from typing import Any, NotRequired, TypedDict

Name = tuple[str, int]
Event = tuple[Any, ...]
Effect = tuple[Any, ...]
Record = tuple[Name, str, str, dict[str, Any], int]

MOST_WAITING: int

class Setup(TypedDict):
    board: str
    firmware: str
    lamps: int
    keys: Sequence[str]
    settings: dict[str, Any] | None
    settings_version: int
    torn: NotRequired[int]
    ledger: NotRequired[str | None]
    verified_ms: NotRequired[int | None]
    phase: NotRequired[str | None]
    most_waiting: NotRequired[int]

class Board:
    boot: str
    settings: dict[str, Any]
    settings_version: int
    refused: int
    dropped: int
    panel: dict[str, Any] | None
    def __init__(
        self,
        setup: Setup,
        boot: str,
        presses: Sequence[Record],
        jitter: Callable[[], float],
        now_ms: int,
    ) -> None: ...
    def step(self, event: Event, now_ms: int) -> list[Effect]: ...
