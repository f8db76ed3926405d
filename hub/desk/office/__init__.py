"""The quiet pages: what an administrator enters and mends, what an auditor reads.

They work without script, ring nothing and hold nothing back: every change is a ledger row with
what was before and after, and can be put back.
"""

from aiohttp import web

from hub.desk.accounts import Accounts
from hub.desk.office.boards import Boards
from hub.desk.office.changes import Changes
from hub.desk.office.frame import Frame
from hub.desk.office.overview import Overview
from hub.desk.office.people import People
from hub.desk.office.record import Record
from hub.desk.office.settings import SettingsPage
from hub.desk.office.setup import Setup
from hub.desk.office.sites import Sites
from hub.desk.office.users import Users
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
