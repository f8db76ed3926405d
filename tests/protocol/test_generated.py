"""What is generated is committed, and hostile bytes never raise."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from protocol import __main__ as generator
from protocol import catalogue

GOLDEN = Path(__file__).parent / "golden"
MESSAGES = ("hello", "report", "gone", "heartbeat", "receipt", "state", "order")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_the_committed_stub_and_table_are_what_the_catalogue_says() -> None:
    assert generator.main(["--check"]) == 0


@given(st.sampled_from(MESSAGES), st.binary(max_size=200))
def test_bytes_of_any_kind_are_answered_with_a_sentence(message: str, payload: bytes) -> None:
    value, sentence = catalogue.decode(message, payload)
    assert sentence or isinstance(value, dict)


@given(st.sampled_from(MESSAGES), st.integers(0, 20), JSON)
def test_a_field_of_any_kind_is_taken_or_answered_with_a_sentence(
    message: str, place: int, value: Any
) -> None:
    names = [name for name, _, _, _ in catalogue.fields(message)]
    vector = json.loads((GOLDEN / f"{message}.jsonl").read_text().splitlines()[-1])
    vector[names[place % len(names)]] = value
    known, sentence = catalogue.decode(message, json.dumps(vector).encode())
    assert isinstance(sentence, str) or catalogue.wrong(message, known) is None
