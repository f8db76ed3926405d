"""The catalogue on both interpreters: golden vectors, refusals, the scanner itself.

Plain functions without pytest: MicroPython runs this file too.
"""

import json

from protocol import catalogue, messages

GOLDEN = "tests/protocol/golden/"
MESSAGES = ("hello", "report", "gone", "heartbeat", "receipt", "state", "order")
BOOT = "00112233445566ff"
PRESS = {"boot": BOOT, "number": 1, "kind": "alarm", "age_ms": 0, "reboots": 0}


def golden(message):
    with open(GOLDEN + message + ".jsonl", "rb") as file:
        return [line for line in file.read().split(b"\n") if line]


def with_field(**fields):
    value = dict(PRESS)
    value.update(fields)
    return value


def test_every_message_has_golden_vectors_that_are_taken_and_said_again():
    for message in MESSAGES:
        lines = golden(message)
        assert lines, message
        for line in lines:
            value, sentence = catalogue.decode(message, line)
            assert sentence is None, (message, line, sentence)
            again, sentence = catalogue.decode(message, catalogue.encode(message, value))
            assert sentence is None
            assert again == value


def test_no_message_lacks_a_golden_vector():
    lines = catalogue.MESSAGES.split("\n")
    heads = [line.split() for line in lines if line and line[0] != " "]
    spoken = [name for name, way in heads if way != "part"]
    assert sorted(spoken) == sorted(MESSAGES)


def test_a_refusal_names_the_field_and_what_it_should_be():
    for value, words in (
        (with_field(number=True), ("number", "whole number")),
        (with_field(number=0), ("number", "1..4294967295")),
        (with_field(kind="scream"), ("kind", "alarm", "'scream'")),
        (with_field(boot="XY"), ("boot", "16")),
        (with_field(text="x" * 201), ("text", "200")),
        (with_field(text="a\x00b"), ("text",)),
        (with_field(age_ms=1.5), ("age_ms",)),
        ([], ("report", "object")),
        (None, ("report", "object")),
    ):
        sentence = catalogue.wrong("report", value)
        assert sentence, value
        for word in words:
            assert word in sentence, (word, sentence)
    for name in PRESS:
        value = dict(PRESS)
        del value[name]
        assert catalogue.wrong("report", value) == name + " is missing"


def test_a_refusal_inside_a_list_says_where():
    state = json.loads(golden("state")[1])
    state["presses"][1]["press"] = BOOT + ":x"
    assert catalogue.wrong("state", state).startswith("presses[1].press ")
    state["presses"] = [state["presses"][0]] * 9
    assert catalogue.wrong("state", state) == "presses should be a list of at most 8"


def test_unknown_fields_are_ignored_and_unknown_messages_refused():
    value, sentence = catalogue.decode("report", json.dumps(with_field(colour="red")).encode())
    assert sentence is None
    assert value == PRESS
    assert "no message" in catalogue.wrong("shout", {})
    assert "no message" in catalogue.wrong("", {})


def test_what_is_not_json_too_long_or_too_deep_gets_a_sentence():
    for payload in (b"", b"{", b"\xff\xfe", b"[" * 3000, b"1" * 3000, b"null", b'"x"', b"{}"):
        sentence = catalogue.decode("report", payload)[1]
        assert sentence, payload
    _, sentence = catalogue.decode("report", b" " * 4097)
    assert "4097" in sentence


def test_the_hash_covers_names_types_and_bounds_and_not_the_prose():
    assert messages.spoken(messages.TEXT) == catalogue.MESSAGES
    prose = messages.TEXT.replace("# the lowest number", "# another reason")
    assert prose != messages.TEXT
    assert messages.spoken(prose) == catalogue.MESSAGES
    before = catalogue.catalogue_hash()
    text = catalogue.MESSAGES
    try:
        catalogue.MESSAGES = text.replace("text 200", "text 201")
        assert catalogue.catalogue_hash() != before
    finally:
        catalogue.MESSAGES = text


def test_we_never_say_what_we_would_refuse():
    try:
        catalogue.encode("report", with_field(kind="scream"))
    except ValueError as error:
        assert "kind" in str(error)
    else:
        raise AssertionError("encoded")
