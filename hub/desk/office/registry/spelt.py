"""Rows of the registry and the settings, and what differs in them, in the pages' words. Pure."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from hub import week
from hub.desk import sentences
from hub.desk.office import entries
from hub.desk.sentences import Say
from hub.desk.texts import WORDS
from hub.registry import Row

# what it means that nothing stands there
EMPTY = {("people", "street"): "people.district", ("people", "hours"): "people.always"}


class Part(NamedTuple):
    """One field that differs. A list has a line for each entry that was taken out or put in."""

    name: str
    before: list[str]
    after: list[str]


def differing(table: str, was: Row, is_: Row, sites: dict[str, str], say: Say) -> Iterator[Part]:
    """What reads otherwise than before; `sites`: their names by id."""
    for field in {**was, **is_}:
        before, after = (_lines(table, field, row.get(field), sites, say) for row in (was, is_))
        if before == after:
            continue
        out = [line for line in before if line not in after]
        new = [line for line in after if line not in before]
        moved = not out and not new  # the same lines in another order
        yield Part(
            field_name(table, field, say), before if moved else out, after if moved else new
        )


def field_name(table: str, field: str, say: Say) -> str:
    """A field that is no more keeps its bare name."""
    keys = (f"part.{table}.{field}", f"field.{field}")
    return next((say(key) for key in keys if key in WORDS), field)


def setting_name(id_: str, say: Say) -> str:
    """What that setting does; one that is no more has no words."""
    return say(f"set.{id_}") if f"set.{id_}" in WORDS else ""


def days(text: str, say: Say) -> str:
    """1-5 as 周一至周五."""
    names = say("weekdays").split()
    text = re.sub(r"\d", lambda found: names[int(found[0]) - 1], text)
    return text.replace("-", say("people.to")).replace(",", say("people.and"))


def span(row: Row, say: Say) -> str:
    """Hours of the week."""
    on = entries.typed_days(row.get("days") or [])
    if not on and (row["from"], row["until"]) == (0, 24):
        return say("people.always")
    return hours(on, row["from"], row["until"], say)


def hours(on: str, start: float, end: float, say: Say) -> str:
    """`on`: weekdays as one types them."""
    span = say("people.span", begin=week.clock(start), end=week.clock(end))
    if start == end:
        span = say("people.whole_day", begin=week.clock(start))
    return " ".join((days(on, say) if on else say("people.daily"), span))


def _lines(table: str, field: str, value: Any, sites: dict[str, str], say: Say) -> list[str]:
    if not value and (table, field) in EMPTY:
        return [say(EMPTY[table, field])]
    if value is None or value == "":
        return []
    if isinstance(value, list):
        return [_entry(each, say) for each in value]
    if isinstance(value, bool):
        return [say("settings.yes" if value else "settings.no")]
    if (table, field) == ("boards", "site"):
        return [f"{sites[value]} {value}" if value in sites else value]
    if (table, field) == ("boards", "key_number"):
        return [say("part.key", number=value)]
    if field == "language" and f"language.{value}" in WORDS:
        return [say(f"language.{value}")]
    return [str(value)]


def _entry(value: Any, say: Say) -> str:
    """A contact, a span of hours, a way; of what else stands in a list, its values."""
    if not isinstance(value, dict):
        return str(value)
    if "channel" in value:
        return f"{sentences.channel(value['channel'], say)} {value.get('address', '')}"
    parts = {name: each for name, each in value.items() if name not in ("from", "until", "days")}
    order = {"role": "", "name": "", "phone": ""} | parts
    texts = [str(each) for each in order.values() if each not in ("", None)]
    if "from" in value and "until" in value:
        texts.append(span(value, say))
    return " ".join(texts)
