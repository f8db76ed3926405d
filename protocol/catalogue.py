"""The catalogue: every message, one readable line a field, checked alike by board and hub.

Goals: a board keeps the text as it is and SCANS it (a parsed table costs it four times the
heap); both sides refuse the same message with the same sentence; the hash covers names, types
and bounds, so a changed comment is not a changed protocol.

A line is `name type bounds # why`; `?` after the name: may be absent. Types:
hex N (N lower-case hex digits) · int A..B · one WORD.. · text N (characters) · flag ·
name (a press, `boot:number`) · names N (a list of at most N) · a PART (the part named) ·
many N PART (a list of at most N of the part named). Unknown fields are ignored.
"""

import hashlib
import json

from protocol.compat import dumps, remembered

BOARD_BYTES = 4096  # the longest message between a board and the hub

MESSAGES = """
hello up
  boot       hex 16                    # drawn at each start of the board
  catalogue  hex 16                    # the hash of the catalogue this board speaks
  firmware   text 32                   # version of the board's program
  lamps      int 0..4                  # how many it has: its capability
  keys       text 60                   # the inputs it has, by name, one space between
  torn       int 0..65535              # outbox records that could not be read at this start
report up
  boot       hex 16                    # with number it names the report for ever
  number     int 1..4294967295         # from 1 within a boot
  kind       one alarm hold duress withdraw test answer status
  age_ms     int 0..4294967295         # from the press to this sending
  reboots    int 0..65535              # since the press: the age is then "at least"
  about?     text 60                   # the press (boot:number) or incident it speaks of
  code?      text 16                   # answer: heard taken busy; status: its code
  was?       one stored taken closed   # offered again after the hub lost it: state on record
  text?      text 200
gone up
  boot       hex 16                    # the last will: the broker lost this board
heartbeat up
  boot         hex 16
  waiting_from int 1..4294967295       # the lowest number of this boot without a receipt
  open?        names 8                 # presses whose end is not known: asked for
  settings     int 0..4294967295       # version in force on the board, 0 = defaults
  ledger?      hex 16                  # birth of the ledger it last heard
  refused      int 0..65535            # messages from the hub it could not accept
  dropped      int 0..65535            # records given up for want of space, never an alarm
receipt down
  boot       hex 16
  number     int 1..4294967295
  answer     one stored later refused
  ledger     hex 16                    # as in state
  row        int 0..9007199254740991   # the ledger's last row when this was said
  listening  flag                      # as in state
  after_ms?  int 0..3600000            # later: offer it again after so long
  incident?  text 80                   # stored: the incident it belongs to
  state?     one stored taken closed   # stored: of that incident, as of `row`
  reason?    text 200
state down
  ledger     hex 16                    # another birth than last time: offer everything again
  row        int 0..9007199254740991   # a state older than what was heard is not heeded
  wall_ms    int 0..9007199254740991   # UTC since 1970
  listening  flag                      # a person sits at a desk that shows and sounds
  drill_ms?  int 0..3600000            # what is left of a drill window
  settings   int 0..4294967295         # version that should be in force
  presses    many 8 fate               # heartbeat.open answered; open ones the board forgot
  alerts     many 4 alert              # incidents this board should ring for
fate part
  press      name
  state      one unknown stored taken closed
  incident?  text 80
  forgotten? flag                      # an open alarm of this board that it did not ask for
  by?        text 40                   # who took it, if the site wants the name shown
alert part
  incident   text 80
  site       text 60
order down
  kind       one settings alert
  version?   int 1..4294967295         # settings
  settings?  a settings
  alert?     a alert
settings part
  covert              flag             # no lamp and no sound: decided at installation
  duty_phone          text 40
  show_name           flag             # the display names who took it
  debounce_ms         int 10..500
  hold_ms             int 1000..10000
  test_hold_ms        int 2000..20000
  short_ms            int 200..2000
  withdraw_from_ms    int 0..60000
  withdraw_until_ms   int 1000..600000
  test_window_ms      int 10000..600000
  third_press_ms      int 1000..60000
  no_receipt_ms       int 2000..60000
  heartbeat_ms        int 2000..600000
  open_heartbeat_ms   int 1000..60000
  retry_first_ms      int 200..10000
  retry_most_ms       int 1000..300000
"""

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
        words = MESSAGES[at:end].split("#")[0].split()
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
    while at < len(MESSAGES):
        end = MESSAGES.find("\n", at)
        line = MESSAGES[at:end].split("#")[0]
        digest.update((" ".join(line.split()) + "\n").encode())
        at = end + 1
    return "".join("%02x" % byte for byte in digest.digest()[:8])


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
    return is_name(value)


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
    """None, or what the field should be."""
    if kind == "a":
        return _wrong_fields(bounds[0], value, where + ".")
    if kind in ("names", "many"):
        if not isinstance(value, list) or len(value) > bounds[0]:
            return "%s should be a list of at most %d" % (where, bounds[0])
        for place, item in enumerate(value):
            inner = "%s[%d]" % (where, place)
            if kind == "names":
                sentence = _wrong_value(inner, item, "name", ())
            else:
                sentence = _wrong_fields(bounds[1], item, inner + ".")
            if sentence:
                return sentence
        return None
    if _fits(value, kind, bounds):
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
