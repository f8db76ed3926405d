"""A flash in memory that fails at a chosen step: cut with a prefix written, or out of space."""

import errno


class PowerCut(Exception):
    """Nothing runs after it; what the flash holds then is what the next start finds."""


class FaultyFlash:
    """`fail(step, kind)` -> None, or (exception, how many bytes of the append still go in)."""

    def __init__(self, files=None, fail=None):
        self.files = dict(files or {})
        self.fail = fail
        self.steps = 0

    def names(self):
        return list(self.files)

    def read(self, name):
        if name not in self.files:
            raise OSError(errno.ENOENT)
        return self.files[name]

    def append(self, name, data):
        fault = self._fault("append")
        written = len(data) if fault is None else min(fault[1], len(data))
        if written or fault is None:
            self.files[name] = self.files.get(name, b"") + data[:written]
        if fault:
            raise fault[0]

    def remove(self, name):
        fault = self._fault("remove")
        if fault:
            raise fault[0]
        if name not in self.files:
            raise OSError(errno.ENOENT)
        del self.files[name]

    def _fault(self, kind):
        self.steps += 1
        return self.fail(self.steps, kind) if self.fail else None
