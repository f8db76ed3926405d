"""The quiet pages: what an administrator enters and mends, what an auditor reads.

They work without script, ring nothing and hold nothing back: every change is a ledger row with
what was before and after, and can be put back.

Here stands what all of them share (`frame`, `entries`, `records`) and the first page
(`overview`); the pages are in three rooms: `first_run`, `registry`, `record`.
"""

from aiohttp import web

from hub.desk.accounts import Accounts
from hub.desk.office.first_run.setup import Setup
from hub.desk.office.frame import Frame
from hub.desk.office.overview import Overview
from hub.desk.office.record.page import Record
from hub.desk.office.registry.boards import Boards
from hub.desk.office.registry.changes import Changes
from hub.desk.office.registry.people import People
from hub.desk.office.registry.settings import SettingsPage
from hub.desk.office.registry.sites import Sites
from hub.desk.office.registry.users import Users
from hub.house import House


def routes(house: House, accounts: Accounts) -> list[web.RouteDef]:
    """All of them; who may go there is in `access.ROUTES`."""
    frame = Frame(house, accounts)
    pages = (
        Overview(frame),
        Setup(frame),
        Sites(frame),
        Boards(frame),
        People(frame),
        Users(frame),
        SettingsPage(frame),
        Changes(frame),
        Record(frame),
    )
    return [route for page in pages for route in page.routes()]
