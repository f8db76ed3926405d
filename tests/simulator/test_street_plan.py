"""The demo's district: what a street must have so that every part of the product is met in it."""

import re
from pathlib import Path

from hub.desk.roles import ROLES
from hub.registry import Registry
from protocol.topics import is_id
from simulator import demo_folder
from simulator.street_plan import BOARDS, DISTRICT, PEOPLE, SITES, site_of


def test_twelve_boards_of_sites_that_exist() -> None:
    assert len(BOARDS) == len({board.id for board in BOARDS}) == 12
    assert {board.site for board in BOARDS} == {site.id for site in SITES}
    ids = [DISTRICT, *(each.id for each in (*BOARDS, *SITES, *PEOPLE))]
    assert [each for each in ids if not is_id(each)] == []


def test_every_part_of_the_product_is_met() -> None:
    assert [board.place for board in BOARDS if board.pager] == ["带班领导休息室"]
    assert sum(board.lamps == 1 for board in BOARDS) == 1
    assert sum(site.covert for site in SITES) == 1
    assert len({site.street for site in SITES}) == 3
    assert {person.role for person in PEOPLE} == set(ROLES)


def test_a_single_lamp_is_never_the_only_board_of_its_site() -> None:
    for board in BOARDS:
        if board.lamps == 1:
            there = [each for each in BOARDS if each.site == board.site]
            assert len(there) > 1 and not site_of(board).covert


def test_somebody_answers_at_every_hour_and_no_number_is_anyones() -> None:
    for site in SITES:
        for hour in range(24):
            here = [
                contact
                for contact in site.contacts
                if (contact.from_ <= hour < contact.until)
                or (contact.until < contact.from_ and not contact.until <= hour < contact.from_)
            ]
            assert len(here) == 1, (site.id, hour)
        assert all(re.fullmatch(r"8\d{3}", contact.phone) for contact in site.contacts)


def test_the_registry_reads_every_word_of_it(tmp_path: Path) -> None:
    """Or each page of the demo would begin with a notice."""
    path = tmp_path / "registry.json"
    demo_folder.enrol_plan(Registry(path))
    made = Registry(path)
    assert made.notices == [] and len(made.boards()) == len(BOARDS)
