from collections.abc import Callable, Mapping, Sequence
from typing import Any

Name = tuple[str, int]
Event = tuple[Any, ...]
Effect = tuple[Any, ...]
Record = tuple[Name, str, str, dict[str, Any], int]

MOST_WAITING: int

class Board:
    boot: str
    settings: dict[str, Any]
    settings_version: int
    refused: int
    dropped: int
    panel: dict[str, Any] | None
    def __init__(
        self,
        setup: Mapping[str, Any],
        boot: str,
        presses: Sequence[Record],
        jitter: Callable[[], float],
        now_ms: int,
    ) -> None: ...
    def step(self, event: Event, now_ms: int) -> list[Effect]: ...
