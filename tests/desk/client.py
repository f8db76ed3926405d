"""A browser without a screen: cookies, and the headers that a real one sends."""

import json
import re
import secrets
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tests.desk.fixture import PASSWORD, Served

DESK = "0123456789abcdef"


class Reply(NamedTuple):
    """What came back. `text`: the body, whole."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Client:
    """One browser, in Chinese unless `language` says otherwise."""

    def __init__(self, served: Served, language: str = "zh-CN") -> None:
        self.served = served
        self.language = language
        self.cookies: dict[str, str] = {}
        self.token = ""

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Reply:
        """`headers` stand above a browser's own; an empty one is left out."""
        own = {
            "Accept-Language": self.language,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-Qianshao-Token": self.token if method != "GET" else "",
            "Origin": self.served.address if method != "GET" else "",
            "Sec-Fetch-Site": "same-origin",
            **(headers or {}),
        }
        link = HTTPConnection("127.0.0.1", self.served.port, timeout=20)
        try:
            link.request(method, path, body or None, {k: v for k, v in own.items() if v})
            return self._read(link.getresponse())
        finally:
            link.close()

    def _read(self, response: HTTPResponse) -> Reply:
        for line in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return Reply(response.status, dict(response.headers), response.read().decode())

    def get(self, path: str, **headers: str) -> Reply:
        return self.send("GET", path, headers=headers)

    def post(self, path: str, value: Any, headers: dict[str, str] | None = None) -> Reply:
        """JSON."""
        return self.send("POST", path, json.dumps(value).encode(), headers)

    def form(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> Reply:
        kind = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self.send("POST", path, urlencode(fields, doseq=True).encode(), kind)

    def login(self, user: str, password: str = PASSWORD) -> Reply:
        reply = self.form("/login", user=user, password=password)
        if reply.status == 303:
            found = re.search(r'name="token" content="([0-9a-f]{64})"', self.get("/").text)
            assert found
            self.token = found[1]
        return reply

    def act(self, verb: str, incident: str, id_: str = "", **data: Any) -> Reply:
        id_ = id_ or secrets.token_hex(16)
        value = {"id": id_, "desk": DESK, "verb": verb, "incident": incident, "data": data}
        return self.post("/api/action", value)

    def here(self, **more: Any) -> Reply:
        value = {"desk": DESK, "visible": True, "sound": True, "idle_ms": 0, "shown": []}
        return self.post("/api/here", {**value, **more})


class Stream:
    """An EventSource: `next()` waits for one event."""

    def __init__(
        self, client: Client, last: str = "", desk: str = DESK, view: str = "desk"
    ) -> None:
        self.link = HTTPConnection("127.0.0.1", client.served.port, timeout=10)
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        headers = {"Cookie": cookie, "Accept-Language": client.language}
        if last:
            headers["Last-Event-ID"] = last
        self.link.request("GET", f"/events?desk={desk}&view={view}", headers=headers)
        self.response = self.link.getresponse()
        self.id = ""

    def next(self) -> tuple[str, Any]:
        """-> (kind of event, its data)."""
        kind = ""
        while True:
            line = self.response.readline().decode().rstrip("\n")
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("id: "):
                self.id = line[4:]
            elif line.startswith("data: "):
                return kind, json.loads(line[6:])

    def until(self, row: str) -> Any:
        """-> the first state that brings this row."""
        while True:
            _kind, state = self.next()
            if row in state["rows"]:
                return state

    def close(self) -> None:
        self.response.close()
        self.link.close()
