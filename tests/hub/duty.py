"""A duty room as a real process with a real broker, and a caller that speaks MQTT to it."""

import asyncio
import json
import os
import queue
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from hub import broker
from hub.desk.accounts import Accounts
from hub.folder import Folder
from tests.desk.client import Client
from tests.desk.fixture import PASSWORD, Served

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 15.0


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "hub", *arguments]


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """One command to its end, in English."""
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        check=False,
    )


def until(true: Callable[[], Any], within_s: float = WITHIN_S) -> Any:
    """What `true` returned when it first was."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {within_s} s")


class Duty:
    """`hub --data` in a session of its own; `limit` runs in the child before it starts."""

    def __init__(
        self, data: Path, *arguments: str, limit: Callable[[], None] | None = None
    ) -> None:
        self.folder = Folder(data)
        self.log = data.with_name(data.name + ".stderr")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command("hub", "--data", str(data), *arguments),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=ROOT,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
                start_new_session=True,
                preexec_fn=limit,
            )
        self.lines: list[str] = []
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("READY"):
                break
        assert self.lines and self.lines[-1].startswith("READY"), self.log.read_text()
        self.url = self.lines[-1].split()[1]
        self.ports = self.folder.kept_ports()

    def pid_of(self, part: str) -> int | None:
        """The process of our session whose command line has `part`, not counting the first."""
        for each in Path("/proc").glob("[0-9]*"):
            try:
                words = (each / "cmdline").read_bytes().decode(errors="replace")
                state, _, _, session = (each / "stat").read_text().rpartition(")")[2].split()[:4]
            except (OSError, ValueError, IndexError):
                continue
            pid = int(each.name)
            ours = int(session) == self.process.pid and pid != self.process.pid and state != "Z"
            if ours and part in words:
                return pid
        return None

    def kill(self, part: str) -> int:
        """kill -9 of broker (`mosquitto.conf`) or hub (`external`). -> its pid."""
        pid = self.pid_of(part)
        assert pid
        os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """-> the exit code; whatever is left of its session is killed."""
        self.process.send_signal(number)
        try:
            code = self.process.wait(10)
            assert self.pid_of("") is None
            return code
        finally:
            self.end()

    def end(self) -> None:
        """Whatever happened: nothing of it stays."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        while pid := self.pid_of(""):
            os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        if self.process.stdout:
            self.process.stdout.close()

    def board(self, board: str, key_number: int = 1) -> "Caller":
        """A board's own connection, with the right password."""
        password = self.folder.board_password(board, key_number)
        return Caller(self.ports["board"], board, password)

    def city(self) -> "Caller":
        password = broker.secret(self.folder, broker.CITY_USER)
        return Caller(self.ports["mqtt"], broker.CITY_USER, password)


def browser(duty: Duty) -> Client:
    """Nobody is logged in in it."""
    port = int(duty.url.rpartition(":")[2])
    return Client(cast(Served, SimpleNamespace(port=port, address=duty.url)))


def logged_in(duty: Duty, user: str) -> Client:
    """A browser in which one of the first two accounts, its password set anew, is at work."""
    with closing(Accounts(duty.folder.working)) as accounts:
        asyncio.run(accounts.set_password(user, PASSWORD))
    client = browser(duty)
    assert client.login(user).status == 303
    return client


class Caller:
    """One MQTT client, with the names of topics as the folder's district has them."""

    def __init__(
        self, port: int, user: str, password: str, root: str = "qianshao/v1/home"
    ) -> None:
        self.root = root
        self.user = user
        self.boot = secrets.token_hex(8)
        self.number = 0
        self.heard: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self.cut = False
        self.refused: str | None = None
        self.subscriptions: list[tuple[str, int]] = []
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
        self.client.username_pw_set(user, password)
        self.client.on_connect = self._connected
        self.client.on_disconnect = self._cut
        self.client.reconnect_delay_set(1, 1)
        self.client.on_message = lambda _c, _d, m: self.heard.put((m.topic, bytes(m.payload)))
        self.up = False
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        until(lambda: self.up or self.refused)

    def _connected(self, _c: Any, _d: Any, _f: Any, reason: Any, _p: Any) -> None:
        if reason.is_failure:
            self.refused = str(reason)
        else:
            for topic, qos in self.subscriptions:
                self.client.subscribe(topic, qos)
            self.up = True

    def _cut(self, *_: Any) -> None:
        self.cut, self.up = True, False

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def subscribe(self, topic: str, qos: int = 1) -> None:
        """Waits for the broker's answer."""
        answered: list[Any] = []
        self.client.on_subscribe = lambda *args: answered.append(args)
        self.subscriptions.append((f"{self.root}/{topic}", qos))
        self.client.subscribe(*self.subscriptions[-1])
        until(lambda: answered)

    def say(self, topic: str, payload: bytes) -> None:
        self.client.publish(f"{self.root}/{topic}", payload)

    def press(
        self, kind: str = "alarm", board: str | None = None, number: int = 0, **more: Any
    ) -> int:
        """Sends a report, a new one or that of `number` again. -> its number."""
        self.number = max(self.number + (not number), number)
        report = {
            "boot": self.boot,
            "number": number or self.number,
            "kind": kind,
            "age_ms": 0,
            "reboots": 0,
        }
        topic = f"board/{board or self.user}/up/report"
        self.say(topic, json.dumps({**report, **more}).encode())
        return number or self.number

    def hears(self, within_s: float = WITHIN_S) -> tuple[str, Any]:
        """(the topic below the district, the JSON) of the next message."""
        topic, payload = self.heard.get(timeout=within_s)
        return topic.removeprefix(self.root + "/"), json.loads(payload)

    def receipt(self, number: int, within_s: float = WITHIN_S) -> dict[str, Any]:
        """The first receipt of that press; what else comes is passed over."""
        end = time.monotonic() + within_s
        while True:
            topic, value = self.hears(max(0.01, end - time.monotonic()))
            if topic.endswith("/receipt") and value["number"] == number:
                assert isinstance(value, dict)
                return value
