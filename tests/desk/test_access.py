"""Who may go where, and what a forged request meets."""

import re
from pathlib import Path

import pytest

from hub.desk import site
from hub.desk.access import HEADERS, PROGRAMS, ROUTES
from hub.desk.roles import ANYONE, FALSE_PRESS, ROLES, VERBS
from tests.desk.client import DESK, Client
from tests.desk.fixture import PEOPLE, Served

USERS = {role: user for user, _name, role, _street in reversed(PEOPLE)}
ROLES_AND_NONE = (None, *ROLES)
# these two change who the client is: they come last
ENDS = (("POST", "/logout"), ("POST", "/login"))
WAYS = [way for way in ROUTES if way not in ENDS and way[1] != "/api/city/events"]


def go(client: Client, method: str, path: str) -> int:
    path = path.replace("{name}", "desk.css")
    if path == "/login" and method == "GET":
        path += "?over"  # without it, whoever is logged in is led on
    if path == "/events":
        path += "?desk=nonsense"  # let in, then told what is wrong with it
    if path == "/pane":
        path += "?incident=nonsense"
    return client.send(method, path, b"{}").status


@pytest.mark.parametrize("role", ROLES_AND_NONE)
def test_every_route_for_every_role(served: Served, role: str | None) -> None:
    client = Client(served)
    if role:
        client.login(USERS[role])
    wrong = []
    for method, path in (*WAYS, *ENDS):
        status = go(client, method, path)
        allowed = ROUTES[method, path]
        if (method, path) == ("POST", "/login"):
            right = status == 401  # let in, and then the empty password is wrong
        elif allowed == ANYONE or role in allowed:
            right = status not in (401, 403, 303 if method == "GET" else 401)
        elif role:
            right = status == 403
        else:
            right = status == (303 if method == "GET" and not path.startswith(PROGRAMS) else 401)
        if not right:
            wrong.append((method, path, status))
    assert wrong == []


ANY_ID = {"id": "ab" * 8, "desk": DESK, "incident": "nonsense"}


@pytest.mark.parametrize("role", ROLES)
def test_every_verb_for_every_role(served: Served, role: str) -> None:
    client = Client(served)
    client.login(USERS[role])
    done = set()
    for verb in VERBS:
        body = {**ANY_ID, "verb": verb, "data": {}}
        if verb == FALSE_PRESS:
            body |= {"verb": "outcome", "data": {"outcome": verb}}
        if client.post("/api/action", body).status != 403:
            done.add(verb)
    assert done == {verb for verb, roles in VERBS.items() if role in roles}


def test_a_verb_that_no_table_names_is_denied(officer: Client) -> None:
    assert officer.post("/api/action", {**ANY_ID, "verb": "erase", "data": {}}).status == 400


def test_the_table_names_every_route_and_no_other(served: Served) -> None:
    app = served.runner.app
    routes = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource and route.method != "HEAD"
    }
    assert routes | {("GET", "/api/city/events")} == set(ROUTES)


def test_what_no_table_names_is_denied(stranger: Client, officer: Client) -> None:
    reply = stranger.get("/nowhere")
    assert (reply.status, reply.headers["Location"]) == (303, "/login")
    assert officer.get("/nowhere").status == 404
    assert officer.send("DELETE", "/").status in (403, 404, 405)
    assert officer.get("/static/..%2fsite.py").status == 404


def test_hardened_headers_everywhere(stranger: Client, officer: Client) -> None:
    replies = [stranger.get("/"), stranger.get("/login"), officer.get("/"), officer.get("/no")]
    for reply in [*replies, officer.get("/static/desk.js"), stranger.get("/api/here")]:
        for name, value in HEADERS.items():
            assert reply.headers[name] == value
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy


def test_only_a_demo_may_be_framed_and_only_by_its_own_page(
    served: Served, stranger: Client
) -> None:
    house = served.live.house
    house.framed_by = "http://127.0.0.1:4321"
    reply = stranger.get("/login")
    assert reply.headers["Content-Security-Policy"].endswith(f"ancestors {house.framed_by}")
    assert reply.headers["Content-Security-Policy"].count(house.framed_by) == 1
    assert "X-Frame-Options" not in reply.headers
    served.live.registry.real.add("board-01")
    for name, value in HEADERS.items():
        assert stranger.get("/login").headers[name] == value


@pytest.mark.parametrize(
    "forged",
    [
        {"X-Qianshao-Token": ""},
        {"X-Qianshao-Token": "0" * 64},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_forged_action_is_refused(
    served: Served, officer: Client, forged: dict[str, str]
) -> None:
    incident = served.call(served.live.report, "board-01")
    value = {"id": "0" * 32, "desk": DESK, "verb": "take", "incident": incident}
    assert officer.post("/api/action", value, forged).status == 403
    assert served.call(served.live.one, incident)["state"] == "untaken"
    assert officer.act("take", incident).json["code"] == "ok"


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
def test_a_login_from_elsewhere_is_refused(stranger: Client, origin: str) -> None:
    reply = stranger.form("/login", {"Origin": origin}, user="zhangwei", password="x")
    assert reply.status == 403


def test_another_sessions_token_is_refused(served: Served, officer: Client) -> None:
    other = Client(served)
    other.login("limin")
    officer.token = other.token
    assert officer.here().status == 403


def test_cookies_name_the_port_and_are_closed(served: Served, stranger: Client) -> None:
    reply = stranger.login("zhangwei")
    cookie = reply.headers["Set-Cookie"]
    assert cookie.startswith(f"qianshao-session-{served.port}=")
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie


def test_each_login_is_a_new_session_and_the_old_one_ends(served: Served, officer: Client) -> None:
    old = dict(officer.cookies)
    officer.login("zhangwei")
    assert officer.cookies != old
    thief = Client(served)
    thief.cookies = old
    assert thief.get("/").status == 303


def test_a_form_without_script_carries_the_token_as_a_field(officer: Client) -> None:
    token, officer.token = officer.token, ""
    assert officer.form("/logout", token="0" * 64).status == 403
    assert officer.form("/logout").status == 403
    assert (
        officer.send("POST", "/logout", b"x", {"Content-Type": "multipart/form-data"}).status
        == 403
    )
    assert officer.form("/logout", token=token).status == 303


def test_logout_ends_the_session_everywhere(served: Served, officer: Client) -> None:
    tab = Client(served)
    tab.cookies = dict(officer.cookies)
    assert tab.get("/").status == 200
    assert officer.post("/logout", {}).status == 200
    assert tab.get("/").status == 303


def test_a_wrong_login_says_so_and_keeps_the_name(stranger: Client) -> None:
    reply = stranger.login("zhangwei", "wrong")
    assert reply.status == 401
    assert "用户或口令不对" in reply.text and 'value="zhangwei"' in reply.text
    unknown = stranger.login("nobody", "wrong")
    assert unknown.text.replace("nobody", "zhangwei") == reply.text


def test_the_sixth_try_is_told_to_wait(stranger: Client) -> None:
    statuses = [stranger.login("zhangwei", "wrong").status for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert stranger.login("zhangwei").status == 429
    assert stranger.login("limin").status == 303


def test_no_page_holds_inline_code() -> None:
    for template in (Path(site.__file__).parent / "templates").rglob("*.html"):
        text = template.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\son\w+=|javascript:", text)
        assert "://" not in text


def test_a_person_who_followed_a_link_gets_a_page_and_a_program_json(officer: Client) -> None:
    said = {"/admin": (403, "您的角色不能这样做"), "/no": (404, "没有这个页面")}
    for path, (status, sentence) in said.items():
        reply = officer.get(path, Accept="text/html,application/xhtml+xml")
        assert reply.status == status and f'<p class="problem">{sentence}' in reply.text
        assert 'href="/"' in reply.text
        assert officer.get(path).json["error"].startswith(sentence)
