"""A POST to a program in the house's own network: a message gateway, a home's automation.

The body is one JSON object: {text, person: {id, name, post}, incident: {id, kind, ...}}. Any 2xx
is `accepted`: the program has it, which is not yet a person.
"""

import logging
import re
from urllib.parse import urlsplit

import aiohttp

from hub.channels.channel import Facts, Means, Person, Receipt, Text

log = logging.getLogger("qianshao.webhook")

PATIENCE_S = 10.0
SAID_BYTES = 200
SPACE = re.compile(r"\s")


def holds_secret(address: str) -> bool:
    """A user or password in it: an address is on record for good, and on pages."""
    url = urlsplit(address)
    return bool(url.username or url.password)


class Webhook:
    """`address`: an http or https URL."""

    def __init__(self, means: Means) -> None:
        self.means = means

    @staticmethod
    def missing(address: str, facts: Facts) -> str:
        try:
            url = urlsplit(address)
            right = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
            right = right and not SPACE.search(address)
        except ValueError:  # a port that is no number
            right = False
        return "" if right else "not_url"

    async def send(self, text: Text, person: Person) -> Receipt:
        body = {
            "text": text.words,
            "person": {"id": person.id, "name": person.name, "post": person.post},
            "incident": text.facts,
        }
        patience = aiohttp.ClientTimeout(total=PATIENCE_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=patience) as session,
                session.post(person.address, json=body, allow_redirects=False) as response,
            ):
                if 200 <= response.status < 300:
                    return Receipt("accepted")
                said = (await response.content.read(SAID_BYTES)).decode("utf-8", "replace")
                return Receipt("failed", f"HTTP {response.status} {said}".strip())
        except aiohttp.ClientConnectorError as error:
            log.warning("%s: %s", person.address, error)
            return Receipt("failed", "failed.unreachable")
