"""Every text in both languages, none missing, none left over."""

import re
import string
from pathlib import Path

import pytest

from hub.desk import words
from hub.desk.texts import WORDS
from hub.desk.words import preferred
from hub.rooms import ROOMS

ROOM = Path(words.__file__).parent
HAN = re.compile(r"[\u3400-\u9fff]")
RECORD = ("row.", "seen.", "what.", "topic.")
OFFICE = (
    "help.",
    "tab.",
    "role.",
    "done.",
    "field.",
    "fault.",
    "step.",
    "changes.",
    "table.",
    "setup.",
    "language.",
    "set.",
    "settings.part.",
    "boards.",
    "part.",
)
USED = re.compile(r"""(?:say|text)\(\s*f?["']([\w.]+)["'],?""")


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", WORDS)
def test_each_text_has_both_languages(key: str) -> None:
    zh, en = WORDS[key]
    assert zh and en
    assert blanks(zh) == blanks(en)
    assert not HAN.search(en) or key == "language.other"
    assert HAN.search(zh) or key in ("html_lang", "language.other", "line.other")


def sources() -> dict[str, str]:
    kinds = ("*.py", "office/**/*.py", "templates/**/*.html", "static/*.js")
    files = [file for kind in kinds for file in ROOM.glob(kind)]
    return {str(file.relative_to(ROOM)): file.read_text("utf-8") for file in files}


def test_every_text_that_is_asked_for_is_there() -> None:
    missing = {
        (name, key)
        for name, source in sources().items()
        for key in USED.findall(source)
        if key not in WORDS and f"js.{key}" not in WORDS and not key.endswith((".", "_"))
    }
    assert missing == set()


@pytest.mark.parametrize("kind", ROOMS.projections)
def test_each_kind_of_row_has_its_name(kind: str) -> None:
    assert f"row.{kind}" in WORDS


def test_no_text_is_left_over() -> None:
    everything = "".join(sources().values())
    # what is built from a fact: "kind." ~ i.kind and the like
    facts = ("kind.", "verification.", "outcome.", "trouble.", "line.", "by.", "level.")
    told = ("phrase.", "channel.", "missing.", "failed.", "receipt.", "who.step.", "body.")
    duty = ("sound.", "asked.", "proven.", "condition.", "js.post.", "post.", "people.go.")
    built = (
        *facts,
        *told,
        *duty,
        "answer.",
        "top.",
        "key.",
        "refused.",
        "warning.",
        *OFFICE,
        *RECORD,
    )
    unused = [
        key
        for key in WORDS
        if f'"{key.removeprefix("js.")}"' not in everything and not key.startswith(built)
    ]
    assert unused == []


def test_chinese_is_set_with_its_own_marks() -> None:
    half = re.compile(r"[\u4e00-\u9fff}）] ?[,:;?!()]|[,:;?!()][\u4e00-\u9fff{]")
    wrong = {key: zh for key, (zh, _) in WORDS.items() if half.search(zh)}
    assert wrong == {}


@pytest.mark.parametrize(
    ("cookie", "accept", "language"),
    [
        (None, None, "zh"),
        (None, "", "zh"),
        (None, "en", "en"),
        (None, "en-US,en;q=0.9", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "en;q=0.5, zh;q=0.8", "zh"),
        (None, "fr,en;q=0.2", "en"),
        (None, "de", "zh"),
        (None, "en;q=nonsense", "en"),
        ("zh", "en", "zh"),
        ("en", "zh", "en"),
        ("<b>", "en", "en"),
    ],
)
def test_which_language(cookie: str | None, accept: str | None, language: str) -> None:
    assert preferred(cookie, accept) == language
