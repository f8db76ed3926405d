"""A board's flash whose last bytes are not safe until they are synced.

The real outbox writes through it. A power cut leaves any prefix of what was not synced; a write
can fail, whole or torn.
"""

import random


class FakeFlash:
    """Files by name, in memory. What `append` wrote is durable only after `sync`."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.files: dict[str, bytearray] = {}
        self.unsynced: dict[str, int] = {}  # name -> length that is safe
        self.failing = ""  # "", "write_failed" or "write_torn", for as long as it is set

    def names(self) -> list[str]:
        return list(self.files)

    def read(self, name: str) -> bytes:
        return bytes(self.files[name])

    def append(self, name: str, data: bytes) -> None:
        """Raises OSError while it is failing; a torn write leaves a prefix."""
        if self.failing:
            if self.failing == "write_torn":
                self._write(name, data[: self.rng.randrange(1, max(2, len(data)))])
            raise OSError(5, "write failed")
        self._write(name, data)

    def _write(self, name: str, data: bytes) -> None:
        file = self.files.setdefault(name, bytearray())
        self.unsynced.setdefault(name, len(file))
        file.extend(data)

    def remove(self, name: str) -> None:
        # littlefs commits its metadata in order: a removal makes what was written before it safe
        self.sync()
        self.files.pop(name, None)

    def sync(self) -> None:
        self.unsynced.clear()

    def cut(self) -> None:
        """The power goes: of the bytes not yet safe any prefix remains."""
        for name, safe in self.unsynced.items():
            file = self.files[name]
            del file[self.rng.randint(safe, len(file)) :]
        self.unsynced.clear()
