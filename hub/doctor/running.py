"""What runs: whose the ports are, whether the broker answers, the hub and its self-test."""

import contextlib
import json
import os
import socket
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from hub.doctor.finding import Finding, Words, fine, missing
from hub.folder import HUB_LOCK, Folder
from hub.intake import SELF_TEST
from hub.settings import Settings
from hub.words import Sentence

PATIENCE_S = 3.0
ROWS_BACK = 50_000  # where the last self-test is looked for
SELF_TESTS_MISSED = 3
PORT_NAMES: dict[str, Words] = {
    "web": ("页面", "pages"),
    "mqtt": ("订阅方", "subscribers"),
    "board": ("终端", "boards"),
}
DEMO_LOCK = "demo.lock"  # what `demo` holds in a folder of its own
LISTEN = "0A"  # state in /proc/net/tcp


def look(folder: Folder) -> Iterator[Finding]:
    """Every look at what may run on an existing data folder."""
    try:
        settings = folder.settings()
        kept: dict[str, int] = json.loads((folder.path / "ports.json").read_text())
    except (Sentence, OSError, ValueError):
        settings, kept = None, {}
    runs = holder(folder.path / HUB_LOCK) is not None
    yield from ports(folder, settings, kept)
    if settings and kept:
        yield broker(folder, settings, kept)
        yield hub(folder, settings, kept, runs)
    else:
        yield missing(("值班主机", "Hub"), ("没有启动过", "never started"), _start(folder))


def _start(folder: Folder) -> Words:
    verb = "demo" if (folder.path / DEMO_LOCK).exists() else "hub"
    command = f"./qianshao {verb} --data {folder.path}"
    return f"启动它：{command}", f"start it: {command}"


def holder(lock: Path) -> int | None:
    """The process that holds this lock file, without trying it: a try could keep a hub from its
    start."""
    try:
        inode = f":{lock.stat().st_ino}"
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        fields = line.split()
        if "FLOCK" in fields and "->" not in fields and fields[-3].endswith(inode):
            return int(fields[-4])
    return None


def listener(port: int) -> tuple[int, str] | None:
    """Who listens there on this machine: (process, its command line); (0, "") when it is
    somebody else's and not to be seen; None when nobody does."""
    inodes = set()
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(name).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{fields[9]}]")
    if not inodes:
        return None
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if str(link.readlink()) in inodes:
                process = link.parents[1]
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ")
                return int(process.name), command.decode("utf-8", "replace").strip()
    return 0, ""


def ports(folder: Folder, settings: Settings | None, kept: dict[str, int]) -> Iterator[Finding]:
    """Free, or held by this very duty room."""
    wanted = {**({"web": settings.web.port} if settings and settings.web.port else {}), **kept}
    demo = holder(folder.path / DEMO_LOCK)  # its folder may be of its own choosing
    for name, port in wanted.items():
        zh, en = PORT_NAMES.get(name, (name, name))
        what = (f"端口 {port}（{zh}）", f"Port {port} ({en})")
        found = listener(port)
        if found is None:
            yield fine(what, ("空闲", "free"))
        elif str(folder.path) in found[1] or found[0] == demo:
            yield fine(what, ("本值班室在用", "held by this duty room"))
        else:
            process, command = found
            whose = f"{process} {command[:60]}" if process else "?"
            yield missing(
                what,
                (f"被别的程序占用：{whose}", f"held by another program: {whose}"),
                (
                    f"停掉它，或在 {folder.toml} 里换一个端口",
                    f"stop it, or choose another port in {folder.toml}",
                ),
            )


def broker(folder: Folder, settings: Settings, kept: dict[str, int]) -> Finding:
    """A login with the hub's own account, on the subscribers' listener."""
    what = ("消息通道", "Broker")
    address = settings.broker.address
    host = "127.0.0.1" if address in ("0.0.0.0", "::", "") else address
    nobody = (
        f"{host}:{kept.get('mqtt')} 没有程序在听",
        f"nobody listens at {host}:{kept.get('mqtt')}",
    )
    try:
        code = login(host, kept["mqtt"], "hub", folder.secret("mqtt hub"))
    except ConnectionRefusedError:
        return missing(what, nobody, _start(folder))
    except Sentence:
        return missing(what, ("没有密钥，不能登录查看", "no secret to log in by"), _start(folder))
    except (OSError, ValueError, KeyError) as error:
        return missing(what, (f"没有回答：{error}", f"no answer: {error}"), _start(folder))
    if code:
        return missing(
            what,
            (f"不认主机的口令（{code}）", f"refuses the hub's own password ({code})"),
            (
                "停掉再启动值班主机：它会重写代理的口令文件",
                "stop and start the hub: it lays the broker's password file anew",
            ),
        )
    return fine(what, (f"{host}:{kept['mqtt']} 正常应答", f"{host}:{kept['mqtt']} answers"))


def login(host: str, port: int, user: str, password: str) -> int:
    """One MQTT 3.1.1 CONNECT. -> the code of its CONNACK, 0 when let in. Raises OSError,
    ValueError when it is no broker that answers."""
    texts = [f"doctor-{os.getpid()}", user, password]
    body = b"\0\x04MQTT\x04\xc2\0\x0a"  # clean session, user and password, 10 s
    for text in texts:
        body += len(text).to_bytes(2, "big") + text.encode()
    with socket.create_connection((host, port), timeout=PATIENCE_S) as link:
        link.sendall(b"\x10" + bytes([len(body)]) + body)
        answer = link.recv(4)
        link.sendall(b"\xe0\0")
    if len(answer) != 4 or answer[0] != 0x20:
        raise ValueError(f"{host}:{port} is no MQTT broker")
    return answer[3]


def hub(folder: Folder, settings: Settings, kept: dict[str, int], runs: bool) -> Finding:
    """Its lock, its page, and how old its last self-test is."""
    what = ("值班主机", "Hub")
    if not runs:
        return missing(what, ("没有运行", "not running"), _start(folder))
    log = folder.path / "hub.log"
    stuck = (
        f"看 {log} 的末尾，然后停掉再启动它",
        f"read the end of {log}, then stop and start it",
    )
    url = f"http://127.0.0.1:{kept.get('web', 0)}/login"
    try:
        # a proxy of the environment has no business between us and this machine
        straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        straight.open(url, timeout=PATIENCE_S).close()
    except urllib.error.HTTPError as error:
        told = (f"{url} 答 {error.code}", f"{url} answers {error.code}")
        return missing(what, told, stuck)
    except (OSError, urllib.error.URLError, ValueError) as error:
        return missing(what, (f"{url} 打不开：{error}", f"{url} does not answer: {error}"), stuck)
    wall = self_test(folder)
    if wall is None:
        return missing(what, ("没有通过过自检", "no self-test on record"), stuck)
    age_s = max(0, int(time.time() - wall / 1000))
    told = (f"{url}，自检 {age_s} 秒前通过", f"{url}, self-test passed {age_s} s ago")
    if age_s > SELF_TESTS_MISSED * settings.presence.self_test_s:
        return missing(what, told, stuck)
    if (since := started(folder)) and folder.toml.stat().st_mtime * 1000 > since:
        changed = (
            f"{folder.toml.name} 在它启动以后改过，还没有生效",
            f"{folder.toml.name} was changed since it started, it runs with the old settings",
        )
        return missing(what, changed, ("停掉再启动值班主机", "stop the hub and start it again"))
    return fine(what, told)


def started(folder: Folder) -> int | None:
    """ms of the hub's last start on record."""
    return _last(folder, "kind = 'started'")


def self_test(folder: Folder) -> int | None:
    """ms of the last self-test press that is in the ledger."""
    return _last(folder, f"actor = '{SELF_TEST}'")


def _last(folder: Folder, what: str) -> int | None:
    try:
        with closing(sqlite3.connect(f"file:{folder.ledger}?mode=ro", uri=True)) as db:
            row = db.execute(
                "SELECT wall FROM (SELECT wall, actor, kind FROM ledger ORDER BY number DESC"
                f" LIMIT ?) WHERE {what} LIMIT 1",
                (ROWS_BACK,),
            ).fetchone()
    except sqlite3.Error:
        return None
    return int(row[0]) if row else None
