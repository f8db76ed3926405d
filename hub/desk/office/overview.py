"""`/admin`: how complete it all is, and where to go on."""

from typing import NamedTuple

from aiohttp import web

from hub.desk.office.entries import uncovered
from hub.desk.office.frame import Frame


class Step(NamedTuple):
    """One step from an empty hub to one that is proven; `left`: how many things it still lacks."""

    name: str
    path: str
    left: int


def steps(frame: Frame) -> list[Step]:
    """In the order in which they are done."""
    registry, reader = frame.office.registry, frame.house.reader
    sites, boards = registry.sites, registry.boards()
    with_boards = {registry.tables["boards"][board]["site"] for board in boards}
    heard = {row["board"] for row in reader.execute("SELECT board FROM equipment")}
    return [
        Step("room", "/setup", 0 if frame.house.settings.duty_phone else 1),
        Step("sites", "/setup", 0 if sites else 1),
        Step(
            "contacts",
            "/admin/sites?lacks=contacts",
            sum(1 for site in sites.values() if uncovered(site["contacts"])),
        ),
        Step(
            "boards",
            "/admin/boards",
            sum(1 for site in sites if site not in with_boards) if sites else 1,
        ),
        Step("heard", "/admin/boards?lacks=heard", sum(1 for each in boards if each not in heard)),
    ]


class Overview:
    """The first page of the office."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/admin", self.page)]

    async def page(self, request: web.Request) -> web.Response:
        tables = self.frame.office.registry.tables
        counts = {table: len(rows) for table, rows in tables.items()}
        return self.frame.page(request, "overview", steps=steps(self.frame), counts=counts)
