"""What the firmware needs of its interpreter, found by feature, never by name."""

import asyncio
import binascii
import errno
import os
import time

_ticks_ms = getattr(time, "ticks_ms", None) or (lambda: time.monotonic_ns() // 1000000)
_ticks_diff = getattr(time, "ticks_diff", None) or (lambda later, earlier: later - earlier)

ENOSPC = getattr(errno, "ENOSPC", 28)  # MicroPython's module does not name it


class SteadyClock:
    """Steady ms since it was made; never wraps if it is asked once in some days."""

    def __init__(self):
        self.ticks = _ticks_ms()
        self.ms = 0

    def now_ms(self):
        ticks = _ticks_ms()
        self.ms += _ticks_diff(ticks, self.ticks)
        self.ticks = ticks
        return self.ms


if hasattr(os, "fsync"):

    def commit(file):
        """All written to `file` survives a power cut from here on."""
        file.flush()
        os.fsync(file.fileno())

    def commit_folder(folder):
        """The same for the names in a folder."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

else:  # MicroPython: littlefs commits at flush, and has no handle on a folder

    def commit(file):
        file.flush()

    def commit_folder(folder):
        pass


def random_hex(digits):
    return binascii.hexlify(os.urandom(digits // 2)).decode()


def random_unit():
    """0.0 .. 1.0"""
    high, low = os.urandom(2)
    return (high * 256 + low) / 65535


async def open_tcp(host, port):
    """(reader, writer); small packets leave at once."""
    reader, writer = await asyncio.open_connection(host, port)
    if hasattr(writer, "s"):  # CPython's asyncio sets TCP_NODELAY itself
        writer.s.setsockopt(6, 1, 1)
    return reader, writer
