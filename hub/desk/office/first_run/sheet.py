"""A sheet of sites, as people keep it -> rows of the registry, or every fault with its cell. Pure.

One line a contact; what a sheet does not say of a known site stays as it is. Read are UTF-8, with
a byte-order mark or without, UTF-16 and GB18030 (what spreadsheets in China save), with commas,
semicolons or tabs. A cell left empty under a street or a site means the one above, as in merged
cells.
"""

import csv
import io
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from hub.desk.office import entries
from hub.desk.office.entries import Contact, Wrong
from hub.registry import SITE_FACTS, Row

DELIMITERS = (",", "\t", ";", "，")
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

# the first is the heading in the sample, zh then en; the others are read as well
HEADINGS: dict[str, tuple[str, ...]] = {
    "street": ("街道", "street", "镇街"),
    "site": ("地点名称", "site", "地点", "单位", "单位名称", "名称"),
    "id": ("编号", "id"),
    "covert": ("隐蔽", "covert"),
    "role": ("职务", "post", "岗位"),
    "contact": ("姓名", "name", "联系人"),
    "phone": ("电话", "phone", "联系电话", "手机"),
    "from": ("从几点", "from", "从", "开始"),
    "until": ("到几点", "until", "到", "至", "结束"),
    "days": ("星期几", "days", "星期"),
    "hazards": ("危险源", "hazards", "危险"),
    "access": ("钥匙和进门", "access", "钥匙", "keys"),
    "plan": ("预案", "plan", "处置预案"),
}
NEEDED = ("street", "site")
EXAMPLES = (
    (
        "南山街道",
        "第一小学",
        "",
        "否",
        "门卫",
        "周建国",
        "0755-86001234",
        "7",
        "22",
        "",
        "实验室药品",
        "门卫室",
        "",
    ),
    ("", "", "", "", "夜班", "李红", "138 0013 8000", "22", "7", "", "", "", ""),
    (
        "蛇口街道",
        "蛇口水厂",
        "",
        "是",
        "调度",
        "王强",
        "0755-86005678",
        "",
        "",
        "工作日",
        "液氯",
        "",
        "停止加氯",
    ),
)


class Fault(NamedTuple):
    """`line` from 1, `column` as in a spreadsheet (A, B, ...), and what is wrong there."""

    line: int
    column: str
    wrong: Wrong


class Sheet(NamedTuple):
    """`sites`: whole rows to put; `faults`: when there is one, nothing may be put; `unread`:
    headings that nothing reads."""

    sites: list[Row]
    faults: list[Fault]
    unread: list[str]


def decode(data: bytes) -> str:
    """Raises Wrong when it is no text of those that are read."""
    if data.startswith(WORKBOOKS):
        raise Wrong("sheet", "workbook")
    marks = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    known = next((name for mark, name in marks.items() if data.startswith(mark)), None)
    for name in [known] if known else ["utf-8", "gb18030"]:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Wrong("sheet", "encoding")


def sample(language: str) -> bytes:
    """A sheet to fill in, with a byte-order mark: spreadsheets guess wrongly without."""
    place = 0 if language == "zh" else 1
    lines = [[names[place] for names in HEADINGS.values()], *EXAMPLES]
    return ("\ufeff" + "".join(",".join(line) + "\r\n" for line in lines)).encode()


def read(text: str, known: dict[str, Row], used: Callable[[str], bool]) -> Sheet:
    """`known`: the registry's sites by id, which a line may change; `used`: was an id ever
    given."""
    source = io.StringIO(text, newline="")
    delimiter = _delimiter(text)
    lines = csv.reader(source, delimiter=delimiter, strict=True)
    reader = None
    unread: list[str] = []
    start = 1  # a cell in quotes may go on over several lines: the first of them is named
    try:
        for cells in lines:
            number, start = start, lines.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if reader:
                reader.line(number, cells)
                continue
            found = [(name, place) for place, cell in enumerate(cells) if (name := _field(cell))]
            columns = dict(reversed(found))  # the first of two
            twice = [(name, place) for name, place in found if columns[name] != place]
            if twice:
                faults = [
                    Fault(number, column(place), Wrong(name, "heading_twice"))
                    for name, place in twice
                ]
                return Sheet([], faults, unread)
            width = max(place for place, cell in enumerate(cells) if cell.strip()) + 1
            unread = [cell.strip() for cell in cells if cell.strip() and not _field(cell)]
            if lacking := [name for name in NEEDED if name not in columns]:
                faults = [Fault(number, "A", Wrong(name, "heading")) for name in lacking]
                return Sheet([], faults, unread)
            reader = _Reader(columns, width, delimiter, known, used)
    except csv.Error as error:
        faults = reader.faults if reader else []
        return Sheet([], [*faults, Fault(start, "A", Wrong("sheet", "csv", str(error)))], unread)
    if reader is None or not (reader.sites or reader.faults):
        return Sheet([], [Fault(1, "A", Wrong("sheet", "no_lines"))], unread)
    return Sheet(list(reader.sites.values()), reader.faults, unread)


def _delimiter(text: str) -> str:
    """The one that splits the first line into most known headings."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=lambda each: sum(bool(_field(c)) for c in first.split(each)))


def _field(cell: str) -> str:
    """What stands under this heading, or nothing. Stars round it mean nothing."""
    text = entries.plain(cell).strip('*"').lower()
    return next((name for name, names in HEADINGS.items() if text in names), "")


def column(place: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


class _Reader:
    """Line by line; a fault does not stop it, so that all are told at once."""

    def __init__(
        self,
        columns: dict[str, int],
        width: int,
        delimiter: str,
        known: dict[str, Row],
        used: Callable[[str], bool],
    ) -> None:
        self.columns = columns
        self.width = width  # cells that have a heading
        self.delimiter = delimiter
        self.known = known
        self.used = used
        self.by_name = {(row["street"], row["name"]): id_ for id_, row in known.items()}
        self.sites: dict[tuple[str, str], Row] = {}
        self.given: dict[str, tuple[str, str]] = {}  # id -> whose it is in this sheet
        self.said: dict[tuple[str, str], Any] = {}  # (id, part) -> what this sheet says of it
        self.called: set[str] = set()  # sites of which it names a contact
        self.faults: list[Fault] = []
        self.above = {"street": "", "site": ""}
        self.number = 1

    def line(self, number: int, cells: list[str]) -> None:
        def cell(name: str) -> str:
            place = self.columns.get(name, len(cells))
            return cells[place].strip() if place < len(cells) else ""

        def told(wrong: Wrong) -> None:
            place = self.columns.get(wrong.field, 0)
            self.faults.append(Fault(number, column(place), wrong))

        for place, each in enumerate(cells):  # whole lines in it: a quote that was not closed
            lines = each.splitlines()[1:]
            if any(line.count(self.delimiter) >= max(1, self.width - 1) for line in lines):
                self.faults.append(Fault(number, column(place), Wrong("sheet", "swallowed")))
                return
        for place, more in enumerate(cells[self.width :], self.width):
            if more.strip():  # a comma in a text without quotes has shifted what follows it
                self.faults.append(Fault(number, column(place), Wrong("sheet", "over", more)))
                return
        self._take(cell, told)

    def _take(self, cell: Callable[[str], str], told: Callable[[Wrong], None]) -> None:
        """Every fault of the line is `told`."""
        site = self._whose(cell, told)
        reads: dict[str, Callable[[str], Any]] = {
            "covert": lambda text: entries.yes("covert", text)
        }
        for part in SITE_FACTS:
            reads[part] = partial(entries.fact, part)
        for part, read_ in reads.items():
            try:
                if cell(part):
                    self._say(site, part, read_(cell(part)), cell(part))
            except Wrong as wrong:
                told(wrong)
        contact = entries.contact(
            Contact(
                *(cell(each) for each in ("role", "contact", "phone", "from", "until", "days"))
            ),
            told,
        )
        if contact:
            if site["id"] not in self.called:  # those of the sheet stand in place of the old ones
                self.called.add(site["id"])
                site["contacts"] = []
            if contact in site["contacts"]:
                told(Wrong("contact", "same_line", contact["name"] or ""))
            site["contacts"].append(contact)

    def _whose(self, cell: Callable[[str], str], told: Callable[[Wrong], None]) -> Row:
        """The site of a line; where that is wrong, a row that goes nowhere, so that what else is
        wrong in the line is told beside it."""
        street, name = cell("street"), cell("site")
        if not name and not street:
            name = self.above["site"]
        street = street or self.above["street"]
        known = True
        for part, text in (("street", street), ("site", name)):
            try:
                self.above[part] = entries.name(part, text)
            except Wrong as wrong:
                known = False
                told(wrong)
        try:
            if known:
                return self._site((self.above["street"], self.above["site"]), cell("id"))
        except Wrong as wrong:
            told(wrong)
        return {"id": f"? {len(self.faults)}", "contacts": []}

    def _say(self, site: Row, part: str, value: Any, text: str) -> None:
        """Said once of a site, or the same each time. Raises Wrong."""
        if self.said.setdefault((site["id"], part), value) != value:
            raise Wrong(part, "two_values", text)
        site[part] = value

    def _site(self, key: tuple[str, str], wanted: str) -> Row:
        id_ = entries.ident("id", wanted) if wanted else self.by_name.get(key, "")
        if found := self.sites.get(key):
            if wanted and id_ != found["id"]:
                raise Wrong("id", "two_ids", id_)
            return found
        if not id_:
            id_ = self._new()
        elif id_ not in self.known and self.used(id_):
            raise Wrong("id", "used", id_)
        if id_ in self.given:
            raise Wrong("id", "twice", id_)
        self.given[id_] = key
        if self.by_name.get(key, id_) != id_:  # a wrong number would rename another site to this
            raise Wrong("id", "same_name", self.by_name[key])
        old: dict[str, Any] = self.known.get(id_, {"covert": False, "contacts": []})
        self.sites[key] = {**old, "id": id_, "street": key[0], "name": key[1]}
        return self.sites[key]

    def _new(self) -> str:
        """The next free number; one search for the whole sheet, which may be long."""
        while (id_ := f"site-{self.number}") in self.given or self.used(id_):
            self.number += 1
        return id_
