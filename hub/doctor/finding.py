"""What one look has found."""

from typing import NamedTuple

Words = tuple[str, str]  # zh, en

FINE, NOTE, MISSING = "fine", "note", "missing"
NOTHING: Words = ("", "")


class Finding(NamedTuple):
    """`what` was looked at, its `state` (NOTE: it can do without), what was `found`, and the
    `step` that mends it."""

    what: Words
    state: str
    found: Words
    step: Words = NOTHING


def fine(what: Words, found: str | Words) -> Finding:
    """All is well; a plain text reads the same in both languages."""
    return Finding(what, FINE, (found, found) if isinstance(found, str) else found)


def note(what: Words, found: Words) -> Finding:
    """Worth knowing; nothing to mend."""
    return Finding(what, NOTE, found)


def missing(what: Words, found: Words, step: Words) -> Finding:
    """Somebody has to do `step`."""
    return Finding(what, MISSING, found, step)
