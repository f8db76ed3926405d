"""Who may go where: one table of routes and roles, denied by default, and what every request must
show before a handler sees it."""

import hmac
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from hub.desk.accounts import Account, Accounts, token
from hub.desk.pages import Viewer
from hub.desk.roles import ADMINISTRATOR, ANYONE, REPAIRS, SEATED, WORKS
from hub.desk.words import preferred, teller

# the city's refill asks for its own token in its handler
ROUTES: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/"): SEATED,
    ("GET", "/login"): ANYONE,
    ("GET", "/duty"): SEATED,
    ("POST", "/duty"): REPAIRS,  # and what each verb asks for
    ("POST", "/login"): ANYONE,
    ("POST", "/logout"): SEATED,
    ("POST", "/language"): ANYONE,
    ("GET", "/pane"): SEATED,
    ("GET", "/wall"): SEATED,
    ("GET", "/leader"): SEATED - {"street"},
    ("GET", "/events"): SEATED,
    ("GET", "/who"): SEATED,
    ("POST", "/api/action"): WORKS | REPAIRS,  # and what each verb asks for
    ("POST", "/api/here"): SEATED,
    ("GET", "/admin"): ADMINISTRATOR,
    ("GET", "/admin/sites"): ADMINISTRATOR,
    ("POST", "/admin/sites"): ADMINISTRATOR,
    ("GET", "/admin/boards"): ADMINISTRATOR,
    ("POST", "/admin/boards"): ADMINISTRATOR,
    ("GET", "/admin/changes"): ADMINISTRATOR,
    ("POST", "/admin/changes"): ADMINISTRATOR,
    ("GET", "/static/{name}"): ANYONE,
    ("GET", "/api/city/events"): ANYONE,
}
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
PROGRAMS = ("/api/", "/events", "/pane")  # they get a status; a person gets the login page
TOKEN_HEADER = "X-Qianshao-Token"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # no-referrer would turn a form's Origin into null
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "qianshao",
}

VIEWER = web.RequestKey("viewer", Viewer)
SESSION = web.RequestKey("session", str)
LANGUAGE = web.RequestKey("language", str)


def cookie_name(request: web.BaseRequest, what: str) -> str:
    """Cookies ignore ports: two hubs of one host must not overwrite each other's."""
    transport = request.transport
    port = transport.get_extra_info("sockname")[1] if transport else 0
    return f"qianshao-{what}-{port}"


def refuse(status: int, sentence: str) -> web.Response:
    """`{"error": sentence}`."""
    return web.json_response({"error": sentence}, status=status)


def headers(framed_by: str = "") -> dict[str, str]:
    """Of every answer, streams and errors too; `framed_by`: the one origin that may frame it."""
    if not framed_by:
        return HEADERS
    framed = dict(HEADERS)
    del framed["X-Frame-Options"]  # it can name no origin; the policy below is what counts
    policy = framed["Content-Security-Policy"]
    framed["Content-Security-Policy"] = policy.replace(
        "frame-ancestors 'none'", f"frame-ancestors {framed_by}"
    )
    return framed


def gate(accounts: Accounts) -> Middleware:
    """The one middleware."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        language = request[LANGUAGE] = preferred(
            request.cookies.get(cookie_name(request, "language")),
            request.headers.get("Accept-Language"),
        )
        say = teller(language)
        resource = request.match_info.route.resource
        path = resource.canonical if resource else request.path
        method = "GET" if request.method == "HEAD" else request.method
        allowed = ROUTES.get((method, path), frozenset())
        session = request.cookies.get(cookie_name(request, "session"), "")
        account = accounts.whose(session) if session else None
        if account:
            request[SESSION] = session
            request[VIEWER] = Viewer(account, language)
        if method != "GET" and not _of_this_origin(request):
            return refuse(403, say("refused.origin"))
        if allowed != ANYONE:
            problem = await _problem(request, method, account, allowed)
            if problem == "login" and method == "GET" and not path.startswith(PROGRAMS):
                raise web.HTTPSeeOther("/login")
            if problem:
                return refuse(401 if problem == "login" else 403, say(f"refused.{problem}"))
        if resource is None:
            return refuse(404, say("refused.none"))
        return await handler(request)

    return middleware


async def _problem(
    request: web.Request, method: str, account: Account | None, allowed: frozenset[str]
) -> str:
    """What keeps this request out: `login`, `origin`, `role`, or nothing."""
    if account is None:
        return "login"
    if method != "GET":
        given = request.headers.get(TOKEN_HEADER) or await _field(request)
        if not hmac.compare_digest(given.encode(), token(request[SESSION]).encode()):
            return "origin"
    known = request.match_info.route.resource is not None
    return "role" if known and account.role not in allowed else ""


async def _field(request: web.Request) -> str:
    """The token of a page that works without script: a field of its form."""
    if request.content_type not in FORMS:
        return ""
    try:
        return str((await request.post()).get("token", ""))
    except ValueError:  # no form after all
        return ""


def _of_this_origin(request: web.Request) -> bool:
    """Browsers send Origin with every POST, and Sec-Fetch-Site where the address is trusted."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    here = origin is None or urlsplit(origin).netloc == request.host
    return here and site in ("same-origin", "none")
