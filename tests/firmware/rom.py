"""A read-only file system (ROMFS) as a board's flash holds it: its programs run in place.

The format is MicroPython's (1.25 on): a header, then records `kind length payload`, numbers in
groups of 7 bits, the highest first.
"""

HEADER = b"\xd2\xcd\x31"
VERBATIM, FOLDER, FILE = 2, 4, 5


def image(folder):
    """The bytes of a file system with all that is in `folder`."""
    records = _inside(folder)
    size = _number(len(records))
    if len(size) % 2 == 0:  # the first record begins at an even address
        size = b"\x80" + size
    return HEADER + size + records


def _inside(folder):
    records = b""
    for entry in sorted(folder.iterdir()):
        name = entry.name.encode()
        named = _number(len(name)) + name
        if entry.is_dir():
            records += _record(FOLDER, named + _inside(entry))
        else:
            records += _record(FILE, named + _record(VERBATIM, entry.read_bytes()))
    return records


def _record(kind, payload):
    return _number(kind) + _number(len(payload)) + payload


def _number(value):
    groups = [value & 0x7F]
    while value > 0x7F:
        value >>= 7
        groups.insert(0, 0x80 | value & 0x7F)
    return bytes(groups)
