"""Real programs for the firmware's tests: interpreters, a broker, a faulty line to it."""

import base64
import hashlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from hub import debian

ROOT = os.path.abspath(__file__ + "/../../..")
PASSWORD = "felt-not-seen"
INTERPRETERS = ("cpython", "micropython", "micropython32")


def interpreter(name):
    """The command of an interpreter, or the test is skipped with what to install."""
    if name == "cpython":
        return [sys.executable]
    return _found(debian.micropython if name == "micropython" else debian.micropython32)


def _found(find):
    try:
        return list(find().argv_prefix)
    except debian.Missing as missing:
        pytest.skip(str(missing))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, seconds=10.0):
    """What the condition gave, once it is true; the test fails when it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("nothing within %.1f s" % seconds)


class Lines:
    """A process whose stdout is JSON, a line each."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/"
        )
        self.queue = queue.Queue()
        self.seen = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.queue.put(json.loads(line))

    def wait(self, wanted, seconds=10.0):
        """The first line from now on for which `wanted` is true."""
        end = time.monotonic() + seconds
        while True:
            try:
                line = self.queue.get(timeout=max(end - time.monotonic(), 0.001))
            except queue.Empty:
                raise AssertionError(
                    "not within %s s; last %s" % (seconds, self.seen[-6:])
                ) from None
            self.seen.append(line)
            if wanted(line):
                return line

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.reader.join(5)
        error = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        return error


class Broker:
    """Mosquitto on a port of its own; one user, school-3."""

    def __init__(self, folder):
        self.command = _found(debian.mosquitto)
        self.port = free_port()
        salt = b"saltsaltsalt"
        digest = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, 101)
        parts = (base64.b64encode(salt).decode(), base64.b64encode(digest).decode())
        (folder / "passwords").write_text("school-3:$7$101$%s$%s\n" % parts)
        self.config = folder / "broker.conf"
        self.config.write_text(
            "listener %d 127.0.0.1\npassword_file %s\nallow_anonymous false\n"
            "set_tcp_nodelay true\nuser root\n" % (self.port, folder / "passwords")
        )
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [*self.command, "-c", str(self.config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._answers)

    def _answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def signal(self, number):
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait()

    def stop(self):
        self.process.kill()
        self.process.wait()


class Line:
    """A TCP line to a port. `step` bytes a write; `frozen`: nothing passes, nothing closes."""

    def __init__(self, port, step=65536):
        self.port = port
        self.step = step
        self.frozen = False
        self.sockets = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.own_port = self.server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.server.accept()
                far = socket.create_connection(("127.0.0.1", self.port))
            except OSError:
                return
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets += [near, far]
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source, target):
        try:
            while data := source.recv(65536):
                while self.frozen:
                    time.sleep(0.05)
                for at in range(0, len(data), self.step):
                    target.sendall(data[at : at + self.step])
        except OSError:
            pass
        for end in (source, target):
            end.close()

    def stop(self):
        self.frozen = False
        self.server.close()
        for end in self.sockets:
            end.close()
