"""The catalogue: every message and part, checked alike by board and hub. Its text: messages.py.

Goals: a board keeps the lines as they are and SCANS them (a parsed table costs it four times the
heap); both sides refuse the same message with the same sentence; the hash covers names, types
and bounds, so a changed comment is not a changed protocol. Unknown fields are ignored.
"""

import binascii
import hashlib
import json

from protocol import messages
from protocol.compat import cached, dumps, let_go, remembered

BOARD_BYTES = 4096  # the longest message between a board and the hub

MESSAGES = messages.spoken(messages.TEXT)  # the prose stays behind
let_go(messages)
del messages

_HEX = "0123456789abcdef"


@remembered
def fields(message):
    """Yield (name, optional, type, bounds) of a message or part, scanning the text. Bounds are
    the words after the type, numbers among them as numbers (LOW..HIGH is two).

    Raises KeyError when the catalogue has no such message.
    """
    at = MESSAGES.find("\n" + message + " ")
    if at < 0:
        raise KeyError(message)
    at = MESSAGES.find("\n", at + 1) + 1
    while MESSAGES[at : at + 1] == " ":
        end = MESSAGES.find("\n", at)
        words = MESSAGES[at:end].split()
        name = words[0]
        optional = name.endswith("?")
        yield (name[:-1] if optional else name), optional, words[1], _bounds(*words[1:])
        at = end + 1


def _bounds(kind, *words):
    if kind == "int":
        return [int(end) for end in words[0].split("..")]
    if kind in ("hex", "text", "names", "many"):
        return [int(words[0])] + list(words[1:])
    return words


@cached
def direction(message):
    """`up`, `down` or `part`; None for a message that the catalogue does not have."""
    at = MESSAGES.find("\n" + message + " ")
    if at < 0 or not message:
        return None
    at += len(message) + 2
    return MESSAGES[at : MESSAGES.find("\n", at)]


def catalogue_hash():
    """16 hex digits over names, types and bounds: what a board says in its hello."""
    digest = hashlib.sha256()
    at = 1
    while at < len(MESSAGES):  # a line at a time: a board may have no room for a second text
        end = MESSAGES.find("\n", at) + 1
        digest.update(MESSAGES[at:end].strip(" ").encode())
        at = end
    return binascii.hexlify(digest.digest()[:8]).decode()


def is_hex(value, length):
    return isinstance(value, str) and len(value) == length and not value.strip(_HEX)


def is_int(value, low, high):
    # a bool is an int to Python, never to us
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def is_name(value):
    """A press's name on the wire: `boot:number`."""
    if not isinstance(value, str) or value[16:17] != ":" or not is_hex(value[:16], 16):
        return False
    number = value[17:]
    return 0 < len(number) <= 10 and not number.strip("0123456789")


def is_text(value, most):
    if not isinstance(value, str) or len(value) > most:
        return False
    try:
        value.encode()  # half a surrogate pair cannot be stored or shown
    except UnicodeError:
        return False
    return min(value, default=" ") >= " "


def _fits(value, kind, bounds):
    """Whether it is such a scalar; False for a part or a list of them, which is looked into."""
    if kind == "int":
        return is_int(value, bounds[0], bounds[1])
    if kind == "hex":
        return is_hex(value, bounds[0])
    if kind == "one":
        return value in bounds
    if kind == "text":
        return is_text(value, bounds[0])
    if kind == "flag":
        return isinstance(value, bool)
    return kind == "name" and is_name(value)


def _wanted(kind, bounds):
    if kind == "int":
        return "a whole number %d..%d" % tuple(bounds)
    if kind == "hex":
        return "%d lower-case hex digits" % bounds[0]
    if kind == "one":
        return "one of " + ", ".join(bounds)
    if kind == "text":
        return "text of at most %d characters" % bounds[0]
    if kind == "flag":
        return "true or false"
    return "a press, boot:number"


def _wrong_value(where, value, kind, bounds):
    """None, or what the field should be: of a value that is no scalar that fits."""
    if kind == "a":
        return _wrong_fields(bounds[0], value, where + ".")
    if kind in ("names", "many"):
        if not isinstance(value, list) or len(value) > bounds[0]:
            return "%s should be a list of at most %d" % (where, bounds[0])
        for place, item in enumerate(value):
            inner = "%s[%d]" % (where, place)
            if kind == "names":
                sentence = None if is_name(item) else _wrong_value(inner, item, "name", ())
            else:
                sentence = _wrong_fields(bounds[1], item, inner + ".")
            if sentence:
                return sentence
        return None
    return "%s should be %s, is %s" % (where, _wanted(kind, bounds), shown(value))


def shown(value):
    """A value as a sentence may quote it: short, and of no more than its type when it is big."""
    if isinstance(value, (list, dict)):
        return "a " + type(value).__name__
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _wrong_fields(message, value, prefix):
    if not isinstance(value, dict):
        return "%s should be an object, is %s" % (prefix[:-1] or message, shown(value))
    for name, optional, kind, bounds in fields(message):
        if name not in value:
            if optional:
                continue
            return prefix + name + " is missing"
        if _fits(value[name], kind, bounds):
            continue  # nearly always: no sentence needs its path
        sentence = _wrong_value(prefix + name, value[name], kind, bounds)
        if sentence:
            return sentence
    return None


def wrong(message, value):
    """None, or the sentence that says which field is wrong, what it is and what it should be."""
    if direction(message) is None:
        return "there is no message " + shown(message)
    return _wrong_fields(message, value, "")


def known(message, value):
    """The fields of `value` that the catalogue names: what may be stored or acted on."""
    return {name: value[name] for name, _, _, _ in fields(message) if name in value}


def decode(message, payload):
    """bytes -> (value, None), or (what could be read or None, the sentence that refuses it)."""
    if len(payload) > BOARD_BYTES:
        return None, "%d bytes, at most %d are taken" % (len(payload), BOARD_BYTES)
    try:
        value = json.loads(str(payload, "utf-8"))
    except (ValueError, RuntimeError, MemoryError):  # RuntimeError: nested too deep
        return None, "not JSON in UTF-8"
    sentence = wrong(message, value)
    return (value if sentence else known(message, value)), sentence


def encode(message, value):
    """A checked message as bytes. Raises ValueError with the sentence when we would lie."""
    sentence = wrong(message, value)
    if sentence:
        raise ValueError(message + ": " + sentence)
    return dumps(value).encode()
