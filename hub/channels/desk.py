"""A page of the duty desk (值班席): it rings by itself at once; this way says whether a named
person's page did."""

from hub.channels.channel import Facts, Means, Person, Receipt, Text


class Desk:
    """`address`: the name under which the person logs in, as the ledger has it."""

    def __init__(self, means: Means) -> None:
        self.means = means

    @staticmethod
    def missing(address: str, facts: Facts) -> str:
        row = facts.db.execute(
            "SELECT 1 FROM desks WHERE actor = ? AND listening", (address,)
        ).fetchone()
        return "" if row else "not_listening"

    async def send(self, text: Text, person: Person) -> Receipt:
        if not text.incident:
            return Receipt("accepted", "receipt.listens")
        shown = (
            self.means.look()
            .db.execute(
                "SELECT 1 FROM shown WHERE incident = ? AND actor = ?",
                (text.incident, person.address),
            )
            .fetchone()
        )
        return Receipt("delivered" if shown else "accepted")
