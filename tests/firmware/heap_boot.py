"""What a board's boot does with its flash, done by a process: the image is mapped, not read, so
that no byte of it is on the heap; then the board app in it runs.

usage: micropython -X heapsize=N heap_boot.py IMAGE PORT PASSWORD
"""

import os
import sys

import ffi  # type: ignore[import-not-found]
import uctypes  # type: ignore[import-not-found]
import vfs  # type: ignore[import-not-found]

READ, PRIVATE = 1, 2
libc = ffi.open("libc.so.6")
opened = libc.func("i", "open", "si")(sys.argv[1], 0)
size = os.stat(sys.argv[1])[6]
at = libc.func("P", "mmap", "piiiii")(None, size, READ, PRIVATE, opened, 0)
vfs.mount(vfs.VfsRom(uctypes.bytearray_at(at, size)), "/rom")
sys.path[:] = ["/rom", ".frozen"]
del sys.argv[1]

import heap_driver  # type: ignore[import-not-found]  # noqa: E402, F401
