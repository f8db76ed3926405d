"""One base for all pages: a colour that two of them have is named once."""

import re
from collections import defaultdict
from pathlib import Path

from hub import desk

ROOM = Path(desk.__file__).parent
PLAIN = {"#fff", "#000", "#111"}  # white and black are no choice
SHEET = re.compile(r'<link rel="stylesheet" href="/static/(\w+)\.css">')


def test_a_colour_of_two_styles_stands_in_the_base() -> None:
    users: dict[str, set[str]] = defaultdict(set)
    for file in (ROOM / "static").glob("*.css"):
        for colour in set(re.findall(r"#[0-9a-f]{3,8}\b", file.read_text("utf-8"))) - PLAIN:
            users[colour].add(file.name)
    assert {colour: names for colour, names in users.items() if len(names) > 1} == {}


def test_every_page_begins_with_the_base() -> None:
    pages = {
        file.name: sheets
        for file in (ROOM / "templates").rglob("*.html")
        if (sheets := SHEET.findall(file.read_text("utf-8")))
    }
    assert len(pages) >= 7
    assert [name for name, sheets in pages.items() if sheets[0] != "base"] == []
