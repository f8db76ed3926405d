"""The registry as a street's duty room may see it: sites with `restricted` (限制公开) of other
streets are there, and count, but have neither name nor contact."""

from functools import cached_property
from typing import Any

from hub.core import Registry
from hub.desk.accounts import Account
from hub.registry import SITE_FACTS

MASK = "＊＊＊"


def seen_by(account: Account, registry: Registry) -> Registry:
    """The whole of it for the district."""
    return Masked(registry, account.street) if account.role == "street" else registry


def within(account: Account, registry: Registry) -> Registry:
    """Of the boards, only those of a street's own; all of them for the district."""
    return OwnStreet(registry, account.street) if account.role == "street" else registry


class Masked:
    """See `hub.core.Registry`."""

    def __init__(self, registry: Registry, street: str) -> None:
        self.registry = registry
        self.street = street

    @cached_property
    def _hidden(self) -> set[str]:
        facts = (self.registry.board(board) or {} for board in self.registry.boards())
        return {
            each["site"]
            for each in facts
            if each.get("restricted") and each["street"] != self.street
        }

    def board(self, board: str) -> dict[str, Any] | None:
        facts = self.registry.board(board)
        if facts and facts.get("restricted") and facts["street"] != self.street:
            return {**facts, "site_name": MASK, "place": "", **dict.fromkeys(SITE_FACTS, "")}
        return facts

    def contact(self, site: str, wall: int) -> str:
        return "" if site in self._hidden else self.registry.contact(site, wall)

    def contacts(self, site: str) -> list[dict[str, Any]]:
        return [] if site in self._hidden else self.registry.contacts(site)

    def people(self, wall: int | None) -> list[dict[str, Any]]:
        return self.registry.people(wall)

    def pagers(self) -> list[str]:
        return self.registry.pagers()

    def streets(self) -> list[str]:
        return self.registry.streets()

    def boards(self) -> list[str]:
        return self.registry.boards()

    def holds_real_board(self) -> bool:
        return self.registry.holds_real_board()


class OwnStreet(Masked):
    """What a street's duty room works on: no other street's board is there."""

    def boards(self) -> list[str]:
        boards = ((each, self.board(each) or {}) for each in super().boards())
        return [each for each, facts in boards if facts.get("street") == self.street]
