"""`/admin/sites`: key sites, and who answers there at which hour."""

from typing import Any

from aiohttp import web

from hub.desk.office import entries
from hub.desk.office.entries import Contact, Wrong, uncovered
from hub.desk.office.frame import LISTED, Frame, fields, see
from hub.desk.office.records import ever_given, stamp
from hub.registry import SITE_FACTS, Row

PATH = "/admin/sites"
BLANKS = 2  # empty lines for one more contact
CONTACTS_MOST = 30
MARKS = ("office", "covert", "restricted")


class Sites:
    """List, form, removal."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.page), web.post(PATH, self.act)]

    async def page(self, request: web.Request) -> web.Response:
        """`id`: the one in the form; `new`: an empty form; `q`, `lacks`: which are listed."""
        site = self.frame.office.registry.sites.get(request.query.get("id", ""))
        form = None
        if site:
            form = _form(site)
        elif "new" in request.query:
            form = _form({"id": "", "name": "", "street": "", "contacts": []})
        return self._draw(request, form)

    def _draw(
        self, request: web.Request, form: dict[str, Any] | None, problem: str = ""
    ) -> web.Response:
        registry = self.frame.office.registry
        wanted = request.query.get("q", "").strip().lower()
        lacks = "contacts" if request.query.get("lacks") == "contacts" else ""
        count: dict[str, int] = {}
        for board in registry.tables["boards"].values():
            count[board["site"]] = count.get(board["site"], 0) + 1
        found = [
            (site, count.get(site["id"], 0), uncovered(site["contacts"]))
            for site in registry.sites.values()
            if wanted in _text(site) and not (lacks and not uncovered(site["contacts"]))
        ]
        found.sort(key=lambda each: (each[0]["street"], each[0]["name"]))
        return self.frame.page(
            request,
            "sites",
            problem,
            sites=found[:LISTED],
            more=max(0, len(found) - LISTED),
            total=len(registry.sites),
            streets=self.frame.streets(),
            q=request.query.get("q", ""),
            lacks=lacks,
            form=form,
        )

    async def act(self, request: web.Request) -> web.Response:
        """`do`: save or remove."""
        given = await fields(request)
        return (
            self._remove(request, given)
            if given.get("do") == "remove"
            else self._save(request, given)
        )

    def _save(self, request: web.Request, given: dict[str, str]) -> web.Response:
        """A new site, or a changed one: then `was` is its id."""
        sites = self.frame.office.registry.sites
        old = sites.get(given.get("was", ""))
        if old and given.get("seen", stamp(old)) != stamp(old):
            again = {**_retyped(given), "seen": stamp(old)}
            return self._draw(request, again, self.frame.meanwhile(request))
        try:
            row = self._row(given, old)
        except Wrong as wrong:
            return self._draw(request, _retyped(given), self.frame.told(request, wrong))
        if problem := self.frame.enter(request, {"sites": [row]}):
            return self._draw(request, _retyped(given), problem)
        return see(f"{PATH}?id={row['id']}", "saved")

    def _row(self, given: dict[str, str], old: Row | None) -> Row:
        contacts = [each for line in _lines(given) if (each := entries.contact(line))]
        row: Row = {
            **(old or {}),
            "name": entries.name("site", given.get("name", "")),
            "street": entries.name("street", given.get("street", "")),
            "contacts": contacts,
        }
        key = (row["street"], row["name"])
        for each in self.frame.office.registry.sites.values():
            if (each["street"], each["name"]) == key and each["id"] != row.get("id"):
                raise Wrong("site", "same_name", each["id"])  # which of them would a sheet mean
        for mark in MARKS:
            on = entries.yes(mark, given.get(mark, ""))
            if on or mark == "covert" or mark in row:  # what nobody touched is no change
                row[mark] = on
        for part in SITE_FACTS:
            row.pop(part, None)
            if value := entries.fact(part, given.get(part, "")):
                row[part] = value
        if old:
            return row
        given_before = ever_given(self.frame.house.reader, "sites")
        wanted = given.get("id", "").strip()
        row["id"] = (
            entries.ident("id", wanted)
            if wanted
            else entries.unused(lambda id_: id_ in given_before, "site")
        )
        if row["id"] in given_before or row["id"] in self.frame.office.registry.sites:
            raise Wrong("id", "used", row["id"])
        return row

    def _remove(self, request: web.Request, given: dict[str, str]) -> web.Response:
        """A site that still has boards stays."""
        id_ = given.get("was", "")
        sites = self.frame.office.registry.sites
        if id_ not in sites:
            return self._draw(request, None, self.frame.gone(request))
        if problem := self.frame.enter(request, {}, {"sites": [id_]}):
            return self._draw(request, _form(sites[id_]), problem)
        return see(PATH, "removed")


def _text(site: Row) -> str:
    people = " ".join(f"{each['name']} {each['phone']}" for each in site["contacts"])
    return f"{site['street']} {site['name']} {site['id']} {people}".lower()


def _form(site: Row) -> dict[str, Any]:
    """A row as the form shows it."""
    lines = [entries.typed(each) for each in site["contacts"]]
    marks = {mark: bool(site.get(mark)) for mark in MARKS}
    facts = {part: site.get(part, "") for part in SITE_FACTS}
    texts = {**site, **facts, **marks, "was": site["id"]}
    return {**texts, "seen": stamp(site), "lines": [*lines, *[Contact()] * BLANKS]}


def _lines(given: dict[str, str]) -> list[Contact]:
    return [
        Contact(*(given.get(f"{part}{number}", "") for part in Contact._fields))
        for number in range(CONTACTS_MOST)
    ]


def _retyped(given: dict[str, str]) -> dict[str, Any]:
    """What was typed stays typed when it was wrong."""
    lines = [line for line in _lines(given) if any(line)]
    marks = {mark: bool(given.get(mark)) for mark in MARKS}
    names = ("was", "seen", "id", "name", "street", *SITE_FACTS)
    texts = {part: given.get(part, "") for part in names}
    return {**texts, **marks, "lines": [*lines, *[Contact()] * BLANKS]}
