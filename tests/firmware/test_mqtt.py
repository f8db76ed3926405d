"""The MQTT client against a real broker that is killed, frozen, cut off or unfriendly."""

import contextlib
import signal
import socket
import threading
import time

import pytest

from tests.firmware.processes import (
    INTERPRETERS,
    PASSWORD,
    ROOT,
    Broker,
    Line,
    Lines,
    interpreter,
)

pytestmark = pytest.mark.chain
KEEPALIVE_S = 2
NOTICED_S = 1.5 * KEEPALIVE_S + 0.7  # 0.7: two processes on a busy machine


@pytest.fixture
def broker(tmp_path):
    broker = Broker(tmp_path)
    yield broker
    broker.stop()


@pytest.fixture(params=INTERPRETERS)
def link(request):
    """link(port, password) -> Lines of a link under one of the interpreters."""
    command = interpreter(request.param)
    started = []

    def start(port, password=PASSWORD):
        driver = ROOT + "/tests/firmware/link_driver.py"
        lines = Lines([*command, driver, str(port), password, str(KEEPALIVE_S)])
        started.append(lines)
        return lines

    yield start
    errors = [lines.stop() for lines in started]
    assert errors == [""] * len(errors)


def up(line):
    return line.get("up") is True


def down(line):
    return line.get("up") is False


def echo(line):
    return line.get("heard") == "down/echo" and line["size"] == 300


def test_a_killed_broker_is_noticed_at_once_and_found_again(broker, link):
    lines = link(broker.port)
    lines.wait(echo)
    broker.signal(signal.SIGKILL)
    lines.wait(down, 1.5)
    broker.start()
    lines.wait(up, 4)
    lines.wait(echo)


def test_a_frozen_broker_is_noticed_within_one_and_a_half_keepalives(broker, link):
    lines = link(broker.port)
    lines.wait(echo)
    broker.signal(signal.SIGSTOP)
    began = time.monotonic()
    lines.wait(down, NOTICED_S)
    assert time.monotonic() - began > 0.5
    broker.signal(signal.SIGCONT)
    lines.wait(echo, 12)


def test_a_half_open_line_is_noticed_as_soon(broker, link):
    line = Line(broker.port)
    lines = link(line.own_port)
    lines.wait(echo)
    line.frozen = True
    lines.wait(down, NOTICED_S)
    line.frozen = False
    lines.wait(echo, 12)
    line.stop()


def test_one_byte_at_a_time_is_the_same(broker, link):
    line = Line(broker.port, step=1)
    lines = link(line.own_port)
    for _ in range(3):
        lines.wait(echo)
    assert not [seen for seen in lines.seen if down(seen)]
    line.stop()


def test_a_refused_login_is_told_apart(broker, link):
    lines = link(broker.port, "wrong")
    lines.wait(lambda line: line.get("refused"))
    lines.wait(lambda line: "refuses the login of school-3" in line.get("reason", ""))
    assert not [seen for seen in lines.seen if up(seen)]


class Impostor:
    """Listens, and answers whoever connects with bytes given beforehand."""

    def __init__(self, answer):
        self.answer = answer
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.ends = []
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                end, _ = self.server.accept()
            except OSError:
                return  # stopped
            self.ends.append(end)
            with contextlib.suppress(OSError):  # it has gone already
                end.sendall(self.answer)

    def stop(self):
        self.server.shutdown(socket.SHUT_RDWR)  # wakes the thread, which a close does not
        self.server.close()
        self.thread.join()
        for end in self.ends:
            end.close()


CONNACK = b"\x20\x02\x00\x00"
SUBACK = b"\x90\x03\x00\x01\x00"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", ""),  # accepts and says nothing: given up after 3 s
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", ""),
        (CONNACK[:3] + b"\x03", "server unavailable"),
        (CONNACK + b"\x90\x03\x00\x01\x80", "subscription"),
        (CONNACK + SUBACK + b"\x30\xf0\x7f" + b"x" * 9000, "a packet of 16368 bytes"),
        (CONNACK + SUBACK + b"\x30\xff\xff\xff\xff\xff", "no end"),
        (CONNACK + SUBACK + b"\x32\x05\x00\x01a\x00\x01", "QoS"),
        (CONNACK + SUBACK + b"\x30\x01a", "topic"),
        (CONNACK + SUBACK + b"\x30\x04\x00\x01\xff\xff", ""),  # a topic that is not UTF-8
    ],
)
def test_whatever_an_impostor_says_ends_the_link_with_a_reason(answer, reason, link):
    impostor = Impostor(answer)
    lines = link(impostor.port)
    found = lines.wait(lambda line: "reason" in line, 6)
    assert reason in found["reason"]
    assert found["reason"]
    impostor.stop()
