"""The data folder: everything of one duty room, and nothing else of ours anywhere.

qianshao.toml, registry.json, ledger.db, working.db, head, secrets/ (0600), broker/, boards/.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import socket
from pathlib import Path
from typing import IO

from hub import settings
from hub.settings import Settings
from hub.words import Sentence
from protocol.topics import is_id

LOCK = "hub.lock"


def default_folder() -> Path:
    """`$XDG_DATA_HOME/qianshao`."""
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "qianshao"


class Folder:
    """One data folder. Raises Sentence when it cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.toml = self.path / "qianshao.toml"
        self.registry = self.path / "registry.json"
        self.ledger = self.path / "ledger.db"
        self.working = self.path / "working.db"
        self.head = self.path / "head"
        self.broker = self.path / "broker"
        self.boards = self.path / "boards"
        self.secrets = self.path / "secrets"

    def exists(self) -> bool:
        return self.toml.exists()

    def create(self, district: str, name: str, duty_phone: str = "") -> None:
        """Lay a new folder; what is there already stays. Raises Sentence."""
        if not is_id(district):
            raise Sentence(
                f"区名 {district!r} 应为 3 到 32 个 a-z、0-9 或 -。",
                f"The district {district!r} should be 3 to 32 of a-z, 0-9 and -.",
            )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for each in (self.secrets, self.broker, self.boards):
                each.mkdir(mode=0o700, exist_ok=True)
            if not self.toml.exists():
                text = json.dumps(name, ensure_ascii=False)
                phone = json.dumps(duty_phone, ensure_ascii=False)
                self.toml.write_text(
                    f'district = "{district}"\nname = {text}\nduty_phone = {phone}\n',
                    encoding="utf-8",
                )
        except OSError as error:
            raise Sentence(
                f"目录 {self.path} 不能使用:{error.strerror}。请换一个目录或修改权限。",
                f"The folder {self.path} cannot be used: {error.strerror}. Name another one or"
                " mend its permissions.",
            ) from error

    def settings(self) -> Settings:
        """Raises Sentence."""
        if not self.exists():
            raise Sentence(
                f"{self.path} 不是前哨的数据目录(没有 qianshao.toml)。",
                f"{self.path} is no data folder of ours: it has no qianshao.toml.",
            )
        try:
            return settings.load(self.toml)
        except settings.SettingsError as error:
            raise Sentence(str(error), str(error)) from error

    def lock(self) -> IO[str]:
        """Hold the folder for one hub; gone when the returned file is closed. Raises Sentence."""
        try:
            file = (self.path / LOCK).open("a+")
        except OSError as error:
            raise Sentence(
                f"目录 {self.path} 不能写入:{error.strerror}。",
                f"The folder {self.path} cannot be written: {error.strerror}.",
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise Sentence(
                f"{self.path} 上已有一台值班主机在运行:请先停掉它,或用 --data 换一个目录。",
                f"Another hub runs on {self.path}: stop it first, or name another --data.",
            ) from None
        return file

    # --- secrets: one master, everything else is derived from it ---------------------------

    def master(self) -> bytes:
        """32 random bytes, drawn once."""
        path = self.secrets / "master"
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
        return bytes.fromhex(path.read_text())

    def secret(self, purpose: str) -> str:
        """26 lower-case characters for an account, a token, a board and its key's number."""
        digest = hmac.new(self.master(), purpose.encode(), hashlib.sha256).hexdigest()
        return digest[:26]

    def board_password(self, board: str, key_number: int) -> str:
        """Revoking a board is raising its key's number."""
        return self.secret(f"board {board} {key_number}")

    # --- ports: a free one is chosen once and kept ------------------------------------------

    def ports(self, wanted: dict[str, int]) -> dict[str, int]:
        """A port for each name: the wanted one, else the one kept from last time, else a free
        one. Raises Sentence when a wanted one is taken."""
        kept_path = self.path / "ports.json"
        try:
            kept = json.loads(kept_path.read_text())
        except (OSError, ValueError):
            kept = {}
        chosen: dict[str, int] = {}
        for name, port in wanted.items():
            if port:
                if not is_free(port):
                    raise Sentence(
                        f"端口 {port} 已被占用:请停掉占用它的程序,或换一个端口。",
                        f"Port {port} is taken: stop what holds it, or choose another port.",
                    )
                chosen[name] = port
            else:
                last = kept.get(name)
                usable = isinstance(last, int) and last not in chosen.values() and is_free(last)
                chosen[name] = last if usable else _free(set(chosen.values()))
        new = kept_path.with_suffix(".new")
        new.write_text(json.dumps(chosen))
        new.replace(kept_path)
        return chosen

    def kept_ports(self) -> dict[str, int]:
        """What was chosen when the broker's files were written. Raises Sentence."""
        try:
            kept: dict[str, int] = json.loads((self.path / "ports.json").read_text())
            return {name: kept[name] for name in ("web", "mqtt", "board")}
        except (OSError, ValueError, KeyError) as error:
            raise Sentence(
                f"{self.path} 里没有端口记录:请先不带 --broker external 启动一次。",
                f"No ports are kept in {self.path}: start once without --broker external.",
            ) from error


def is_free(port: int) -> bool:
    """Whether a listener on loopback could have it now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free(taken: set[int]) -> int:
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in taken:
            return port
