"""A finger on a key of a running board: the board process's own input is moved, nothing else.

The board reads lines from the FIFO `input` in its folder and answers with files in `answers`;
`boards/unix/inputs.py` is the other side. A line says when it expires, so that a board that was
frozen does not press later what its presser was told had failed.
"""

import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ANSWERS_WITHIN_S = 1.9  # a line read later than this is not heeded
MARGIN_S = 0.15  # for the answer that was written in the last moment
SAVES_WITHIN_S = 12.0  # the board itself waits 10 s for its flash
GAP_S = 0.13  # between the strokes of one key, at the most
LOOK_S = 0.004


@dataclass(frozen=True)
class Gesture:
    """`times` strokes of one key, each held `hold_ms` (0 = as short as a stroke can be)."""

    key: str
    hold_ms: int = 0
    times: int = 1

    def seconds(self) -> float:
        return self.times * (self.hold_ms / 1000 + 2 * GAP_S)


@dataclass(frozen=True)
class Outcome:
    """What the board made of it: reports (`boot:number`) in its outbox, reports felt that are
    not, and whether a gesture came to nothing."""

    saved: tuple[str, ...]
    unsaved: tuple[str, ...]
    nothing: bool


@dataclass(frozen=True)
class Change:
    """An input of the board itself that stays as it is set: mains, tamper or battery."""

    key: str
    wrong: bool

    def seconds(self) -> float:
        return 5.0  # the board waits that long for it to settle


class NoAnswer(Exception):
    """The process does not answer. `accepted`: it began the gesture before it fell silent."""

    def __init__(self, accepted: bool) -> None:
        super().__init__()
        self.accepted = accepted


class NoSuchKey(Exception):
    """The board has no such key, or no key can do that."""


def move(folder: Path, first: Gesture | Change, then: Gesture | None = None) -> Outcome:
    """Carry out the gesture on the board that lives in `folder`; blocks until it is answered.

    `then` follows only when `first` meant something. Raises NoAnswer, NoSuchKey.
    """
    line = _wire(first)
    if then:
        line["then"] = _wire(then)
    token = _begin(folder, line)
    return _outcome(folder, token, first.seconds() + (then.seconds() if then else 0))


def put_down(folder: Path, key: str) -> str:
    """A finger on the key, and it stays there. -> its token. Raises NoAnswer, NoSuchKey."""
    return _begin(folder, {"do": "down", "key": key})


def let_go(folder: Path, token: str) -> Outcome:
    """That finger leaves its key; blocks until the board says what it was. Raises NoAnswer."""
    line = json.dumps({"token": token, "do": "up"})
    _write(folder / "input", line.encode() + b"\n", time.monotonic() + ANSWERS_WITHIN_S)
    return _outcome(folder, token, 2 * GAP_S)


def _begin(folder: Path, line: dict[str, Any]) -> str:
    """Write the line; -> its token, once the board has taken it on."""
    deadline = time.monotonic() + ANSWERS_WITHIN_S
    token = secrets.token_urlsafe(12)
    line |= {"token": token, "expires_ms": int((time.time() + ANSWERS_WITHIN_S) * 1000)}
    _write(folder / "input", json.dumps(line).encode() + b"\n", deadline)
    accepted = _answer(folder / "answers" / f"{token}.accepted", deadline + MARGIN_S)
    if accepted is None:
        raise NoAnswer(accepted=False)
    if not accepted["accepted"]:
        raise NoSuchKey
    return token


def _outcome(folder: Path, token: str, seconds: float) -> Outcome:
    """What the board says within that long, and the time that its flash may need."""
    answer = _answer(folder / "answers" / token, time.monotonic() + seconds + SAVES_WITHIN_S)
    if answer is None:
        raise NoAnswer(accepted=True)
    return Outcome(tuple(answer["saved"]), tuple(answer["unsaved"]), answer["nothing"])


def _wire(made: Gesture | Change) -> dict[str, Any]:
    if isinstance(made, Change):
        return {"do": "set", "input": made.key, "wrong": made.wrong}
    return {"do": "press", "key": made.key, "hold_ms": made.hold_ms, "times": made.times}


def _write(fifo: Path, line: bytes, deadline: float) -> None:
    """A line shorter than PIPE_BUF goes whole or not at all. Raises NoAnswer at the deadline."""
    while True:
        try:
            handle = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                os.write(handle, line)
            finally:
                os.close(handle)
        except OSError:  # nobody reads it, it is full, or it is not there: perhaps in a moment
            if time.monotonic() >= deadline:
                raise NoAnswer(accepted=False) from None
            time.sleep(0.02)
        else:
            return


def _answer(path: Path, deadline: float) -> dict[str, Any] | None:
    """The answer, taken away; None at the deadline."""
    while True:
        try:
            text = path.read_text()
        except FileNotFoundError:
            if time.monotonic() >= deadline:
                return None
            time.sleep(LOOK_S)
            continue
        path.unlink()
        value: dict[str, Any] = json.loads(text)
        return value
