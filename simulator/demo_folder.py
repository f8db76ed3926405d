"""The demo's data folder: the street enrolled in it, everybody's login, a port for everything.

What is there already stays: a ledger, a registry that somebody has changed, the ports.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from hub import broker, enrol
from hub.desk import logins
from hub.folder import Folder
from hub.registry import Registry, Row
from hub.settings import Settings
from hub.words import Sentence
from simulator import street_plan as plan


@dataclass(frozen=True)
class Login:
    """One person of the plan, with the password for the desk."""

    role: str
    user: str
    password: str


@dataclass(frozen=True)
class Prepared:
    """What is run on, and told to whoever started the demo. `ports`: web, board, mqtt, street."""

    folder: Folder
    settings: Settings
    registry: Registry
    ports: dict[str, int]
    configuration: Path
    logins: tuple[Login, ...]


def prepare(data: Path, port: int, mqtt_port: int) -> Prepared:
    """Make or mend the folder; port 0 = the one of last time or a free one. Raises Sentence."""
    folder = Folder(data)
    if folder.exists():
        _check_is_a_demo(folder)
    folder.create(plan.DISTRICT, plan.NAME, plan.DUTY_PHONE)
    settings = folder.settings()
    registry = Registry(folder.registry)
    enrol_plan(registry)
    wanted = {"web": port, "mqtt": mqtt_port, "board": 0, "street": 0}
    ports = folder.ports(wanted)
    for board in registry.facts():
        enrol.write_board_file(folder, settings, board, ports["board"], board["covert"])
    configuration = broker.write_files(
        folder, settings, registry, broker.Ports(ports["board"], ports["mqtt"])
    )
    return Prepared(folder, settings, registry, ports, configuration, _logins(folder))


def _check_is_a_demo(folder: Folder) -> None:
    settings = folder.settings()
    if settings.district != plan.DISTRICT or Registry(folder.registry).holds_real_board():
        whose = f"{settings.name} ({settings.district})"
        raise Sentence(
            f"{folder.path} 属于 {whose}，演示不能用它：请换一个 --data。",
            f"{folder.path} belongs to {whose} and is no demo's: name another --data.",
        )


def enrol_plan(registry: Registry) -> None:
    """The street plan's sites, people and boards, as far as they are not there yet."""
    for site in plan.SITES:
        if site.id not in registry.sites:
            contacts = [
                {"from": each.from_, "until": each.until, "name": each.name, "phone": each.phone}
                for each in site.contacts
            ]
            enrol.put_site(registry, {**site._asdict(), "contacts": contacts})
    entered = registry.tables["people"]
    registry.put("people", [_person(each) for each in plan.ON_DUTY if each.id not in entered])
    known = set(registry.boards())
    for board in plan.BOARDS:
        if board.id not in known:
            enrol.put_board(registry, {**board._asdict(), "simulated": True})


def _person(entry: plan.OnDuty) -> Row:
    ways = [{"channel": channel, "address": address} for channel, address in entry.ways]
    hours = [{"from": entry.from_, "until": entry.until}]
    row = {"id": entry.id, "name": entry.name, "post": entry.post, "hours": hours, "ways": ways}
    optional = {"street": entry.street, "phone": entry.phone, "leader": entry.leader}
    return {**row, **{part: value for part, value in optional.items() if value}}


def _logins(folder: Folder) -> tuple[Login, ...]:
    """An account for each person of the plan; its password is this folder's own for ever."""
    accounts = logins.opened(folder, time.time_ns() // 1_000_000)
    try:
        there = {account.user for account in accounts.users()}
        told = []
        for person in plan.PEOPLE:
            password = folder.secret(f"demo login {person.id}")[:10]
            if person.id not in there:
                fields = (person.id, person.name, person.role, password, person.street)
                asyncio.run(accounts.create(*fields))
            told.append(Login(person.role, person.id, password))
        return tuple(told)
    finally:
        accounts.close()
