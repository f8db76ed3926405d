"""The registry as a street's duty room may see it: no other street's boards and sites."""

from functools import cached_property
from typing import Any

from hub.core import Registry
from hub.desk.accounts import Account


def within(account: Account, registry: Registry) -> Registry:
    """A street's own part of it; the whole for the district."""
    return OwnStreet(registry, account.street) if account.role == "street" else registry


class OwnStreet:
    """See `hub.core.Registry`."""

    def __init__(self, registry: Registry, street: str) -> None:
        self.registry = registry
        self.street = street

    @cached_property
    def _own(self) -> dict[str, dict[str, Any]]:
        every = ((each, self.registry.board(each) or {}) for each in self.registry.boards())
        return {board: facts for board, facts in every if facts.get("street") == self.street}

    @cached_property
    def _sites(self) -> set[str]:
        return {facts["site"] for facts in self._own.values()}

    def board(self, board: str) -> dict[str, Any] | None:
        return self._own.get(board)

    def boards(self) -> list[str]:
        return list(self._own)

    def contact(self, site: str, wall: int) -> str:
        return self.registry.contact(site, wall) if site in self._sites else ""

    def contacts(self, site: str) -> list[dict[str, Any]]:
        return self.registry.contacts(site) if site in self._sites else []

    def people(self, wall: int | None) -> list[dict[str, Any]]:
        people = self.registry.people(wall)
        return [each for each in people if each.get("street", "") == self.street]

    def pagers(self) -> list[str]:
        return [each for each in self.registry.pagers() if each in self._own]

    def streets(self) -> list[str]:
        return [self.street]

    def holds_real_board(self) -> bool:
        return self.registry.holds_real_board()
