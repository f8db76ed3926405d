"""The leader on duty (带班领导): who it is at this hour, for the head of the desk."""

from typing import NamedTuple

from hub.core import Registry


class Leading(NamedTuple):
    """`name` and `phone`; both empty while nobody leads, `phone` alone where none is entered."""

    name: str
    phone: str


def leading(registry: Registry, wall: int, street: str | None) -> Leading | None:
    """At that moment, of the district; a street's desk sees its own leader before that one. None
    where no leader is entered at all: then nothing is missing."""
    streets = ("",) if street is None else (street, "")
    entered = [
        each
        for of in streets
        for each in registry.people(None)
        if each.get("leader") and each.get("street", "") == of
    ]
    if not entered:
        return None
    on_duty = {each["id"] for each in registry.people(wall)}
    for each in entered:
        if each["id"] in on_duty:
            return Leading(each["name"], each.get("phone", ""))
    return Leading("", "")
