"""The shell round the ways: a due notice goes out, and what became of it comes back as an event.

Each way has its own few places: one that hangs or floods holds up no other. Cancelled at a stop,
a notice is due again at the next start: a person may be told twice, never not at all.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from hub.channels import tries
from hub.channels.channel import Means, Person, Receipt, Text
from hub.channels.command import incident_facts
from hub.channels.table import CHANNELS
from hub.events import Event, NoticeEnded

log = logging.getLogger("qianshao.channels")

AT_ONCE = 4  # of one way
PATIENCE_S = 70.0
JOINS_S, LOOK_S = 10.0, 0.2  # a hub that has begun joins its broker within it
DETAIL_MOST = 400


class Sender:
    """`put` hands the outcome to the writer."""

    def __init__(self, means: Means, put: Callable[[Event], None]) -> None:
        self.means = means
        self.put = put
        self.joins_by = time.monotonic() + JOINS_S  # later a way without it must not wait
        self.places = {name: asyncio.Semaphore(AT_ONCE) for name in CHANNELS}

    async def send(self, notice: int) -> None:
        """The notice of that ledger row, unless it has become moot meanwhile."""
        row = self._due(notice)
        if row is None:
            return
        if row["channel"] not in CHANNELS:
            self.put(NoticeEnded(notice, "failed", "missing.no_channel"))
            return
        async with self.places[row["channel"]]:
            row = self._due(notice)
            if row is None:
                return
            person = Person(row["person"], row["name"], row["post"], row["address"])
            facts = incident_facts(self.means.look().db, row["incident"]) or tries.FACTS
            receipt = await self._try(
                row["channel"], Text(row["incident"], row["words"], facts), person
            )
        self.put(NoticeEnded(notice, receipt.state, receipt.detail[:DETAIL_MOST]))

    def _due(self, notice: int) -> Any:
        return (
            self.means.look()
            .db.execute("SELECT * FROM notices WHERE row = ? AND state = 'due'", (notice,))
            .fetchone()
        )

    async def _try(self, channel: str, text: Text, person: Person) -> Receipt:
        way = CHANNELS[channel]
        why = way.missing(person.address, self.means.look())
        while why == "broker" and time.monotonic() < self.joins_by:
            await asyncio.sleep(LOOK_S)
            why = way.missing(person.address, self.means.look())
        if why:
            return Receipt("failed", f"missing.{why}")
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await way(self.means).send(text, person)
        except TimeoutError:
            return Receipt("failed", "failed.timeout")
        except Exception as error:  # one broken way must cost no other
            log.warning("%s to %s failed", channel, person.id, exc_info=error)
            return Receipt("failed", str(error) or type(error).__name__)
