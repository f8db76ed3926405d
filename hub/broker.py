"""Mosquitto's files and command: two listeners, each with its own passwords and rules.

Boards speak only under their own id (`pattern %u`, user name = client id); the hub and the
city's systems have a listener of their own. Nothing is kept on its disk: a broker's
acknowledgement promises nothing here.
"""

import base64
import hashlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from hub import debian
from hub.folder import Folder, whole_file
from hub.intake import SELF_TEST
from hub.registry import Registry
from hub.settings import Settings
from protocol.topics import ROOT

CONFIGURATION = "mosquitto.conf"
HUB_USER = "hub"
CITY_USER = "city"
ITERATIONS = 101  # mosquitto_passwd's own figure: these are random 104-bit secrets, not words


@dataclass(frozen=True)
class Ports:
    """Where the broker listens: boards, and hub with subscribers."""

    board: int
    mqtt: int


def write_files(folder: Folder, settings: Settings, registry: Registry, ports: Ports) -> Path:
    """Lay configuration, passwords and rules. -> the configuration's path. Raises OSError."""
    home = folder.broker
    root = f"{ROOT}/{settings.district}"
    boards = {SELF_TEST: folder.board_password(SELF_TEST, 1)}
    for facts in registry.facts():
        boards[facts["id"]] = folder.board_password(facts["id"], facts["key_number"])
    others = {user: secret(folder, user) for user in (HUB_USER, CITY_USER)}
    _lay(home / "boards.passwd", _passwords(boards, folder))
    _lay(home / "others.passwd", _passwords(others, folder))
    _lay(
        home / "boards.acl",
        f"pattern write {root}/board/%u/up/#\npattern read {root}/board/%u/down/#\n",
    )
    _lay(
        home / "others.acl",
        f"user {HUB_USER}\ntopic readwrite {root}/#\n\n"
        f"user {CITY_USER}\ntopic read {root}/city/#\ntopic write {root}/city/receipt\n",
    )
    address = settings.broker.address
    configuration = home / CONFIGURATION
    _lay(
        configuration,
        f"""per_listener_settings true
persistence false
set_tcp_nodelay true
allow_anonymous false
message_size_limit 262144
max_queued_messages 100000
max_inflight_messages 1000
pid_file {home}/pid
log_dest stderr
log_type error
log_type warning
connection_messages false
{_user_line()}
listener {ports.board} {address}
use_username_as_clientid true
password_file {home}/boards.passwd
acl_file {home}/boards.acl

listener {ports.mqtt} {address}
password_file {home}/others.passwd
acl_file {home}/others.acl
""",
    )
    return configuration


def _user_line() -> str:
    """Started by root, it stays root: its files are readable by nobody else."""
    return "user root\n" if os.geteuid() == 0 else ""


def _lay(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        whole_file(path, text)


def _passwords(accounts: dict[str, str], folder: Folder) -> str:
    """mosquitto_passwd's `$7$` lines: PBKDF2 with SHA-512. The salt is derived, so that an
    unchanged account keeps its line."""
    lines = []
    for user, password in accounts.items():
        salt = hashlib.sha256(folder.master() + user.encode()).digest()[:12]
        hash_ = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
        text = (base64.b64encode(part).decode() for part in (salt, hash_))
        lines.append(f"{user}:$7${ITERATIONS}${'$'.join(text)}\n")
    return "".join(lines)


def secret(folder: Folder, user: str) -> str:
    """The password of the account `hub` or `city`."""
    return folder.secret(f"mqtt {user}")


def command(configuration: Path) -> list[str]:
    """The broker's command line. Raises debian.Missing."""
    return [*debian.mosquitto().argv_prefix, "-c", str(configuration)]


def reload(folder: Folder) -> None:
    """New passwords and rules hold at once; a revoked board's live link is cut. A broker that is
    being started at this moment reads them by itself."""
    try:
        pid = int((folder.broker / "pid").read_text())
        command_line = Path(f"/proc/{pid}/cmdline").read_bytes()
        if os.fsencode(folder.broker / CONFIGURATION) in command_line:  # and not another's pid
            os.kill(pid, signal.SIGHUP)
    except (OSError, ValueError):
        return


def host(settings: Settings) -> str:
    """Where the hub itself reaches the broker."""
    address = settings.broker.address
    return "127.0.0.1" if address in ("0.0.0.0", "::", "") else address
