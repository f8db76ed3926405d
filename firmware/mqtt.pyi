from collections.abc import Awaitable, Callable
from typing import Any

FAILURES: tuple[type[BaseException], ...]

class LoginRefusedError(ValueError): ...

def packet(kind: int, body: bytes) -> bytes: ...
def connect_packet(
    client: str, user: str, password: str, will: tuple[str, bytes], keepalive_s: int
) -> bytes: ...

class Link:
    heard: Callable[[str, bytes], object] | None
    changed: Callable[[bool], object] | None
    refused: Callable[[], object] | None
    up: bool
    reason: str
    dropped: int
    def __init__(
        self,
        open: Callable[[str, int], Awaitable[tuple[Any, Any]]],
        host: str,
        port: int,
        login: tuple[str, str],
        will: tuple[str, bytes],
        subscription: str,
        jitter: Callable[[], float],
        keepalive_s: int = ...,
    ) -> None: ...
    def hurry(self) -> None: ...
    def publish(self, topic: str, payload: bytes) -> bool: ...
    async def run(self) -> None: ...
