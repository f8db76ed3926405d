"""Changing `qianshao.toml` from a page: one line of it, the comments of people stay.

What is written has been read back first: it holds the new value, everything else as it was, and
is something a hub can start with.
"""

import dataclasses
import json
import re
import tomllib
from typing import Any

from hub import settings
from hub.folder import Folder, whole_file
from hub.settings import Settings
from hub.words import Sentence

SECTION = re.compile(r"\s*\[([^\[\]]+)\]\s*(#.*)?")


def values(of: Any, prefix: str = "") -> dict[str, Any]:
    """Full name -> value, in the order of the settings' own definition."""
    found: dict[str, Any] = {}
    for each in dataclasses.fields(of):
        value = getattr(of, each.name)
        if dataclasses.is_dataclass(value):
            found |= values(value, f"{each.name}.")
        else:
            found[prefix + each.name] = value
    return found


def change(folder: Folder, values: dict[str, Any]) -> Settings:
    """`values`: full name -> value, as `presence.lost_s`. -> what a hub will start with.

    Raises Sentence, OSError; then the file is as it was.
    """
    old = folder.settings()  # says what is wrong with the file as it stands
    text = folder.toml.read_text("utf-8")
    for name, value in values.items():
        text = _with(text, name, value, folder)
    new = settings.parse(text.encode(), folder.toml)
    if new != old:
        whole_file(folder.toml, text)
    return new


def _with(text: str, name: str, value: Any, folder: Folder) -> str:
    section, _, key = name.rpartition(".")
    lines = text.splitlines()
    spelt = json.dumps(value, ensure_ascii=False)
    found = _place(lines, section, key)
    if found is None:
        lines += ["", f"[{section}]", f"{key} = {spelt}"]
    else:
        number, is_there = found
        comment = re.search(r"\s+#.*$", lines[number]) if is_there else None
        line = f"{key} = {spelt}{comment[0] if comment else ''}"
        lines[number : number + is_there] = [line]
    new = "\n".join(lines) + "\n"
    if not _only_that(text, new, section, key, value):
        raise Sentence(
            f"{folder.toml} 的写法太特别，改不了 {name}：请手工修改该文件。",
            f"{folder.toml} is written in too special a way to change {name}: edit it by hand.",
        )
    return new


def _place(lines: list[str], section: str, key: str) -> tuple[int, bool] | None:
    """-> (line, whether the key is there already); None without that section."""
    here, end = "", None if section else 0
    for number, line in enumerate(lines):
        if header := SECTION.fullmatch(line):
            here = header[1].strip()
        if here != section:
            continue
        if re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number, True
        if line.strip():
            end = number + 1
    return None if end is None else (end, False)


def _only_that(old: str, new: str, section: str, key: str, value: Any) -> bool:
    expected = tomllib.loads(old)
    (expected.setdefault(section, {}) if section else expected)[key] = value
    try:
        return tomllib.loads(new) == expected
    except tomllib.TOMLDecodeError:
        return False
