"""A duty room as a real process with a real Mosquitto: rules, ports, kills, a full disk."""

import json
import queue
import resource
import signal
import socket
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub import debian, enrol
from hub.folder import Folder, free_port
from hub.registry import Registry
from tests.conftest import Tell
from tests.desk.client import Client
from tests.hub.duty import Caller, Duty, logged_in, run, until

pytestmark = pytest.mark.chain

Begin = Callable[..., Duty]


@pytest.fixture(scope="module", autouse=True)
def needs_mosquitto() -> None:
    try:
        debian.mosquitto()
    except debian.Missing as missing:
        pytest.skip(f"needs Mosquitto: {missing}")


@pytest.fixture(scope="module")
def duty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Duty]:
    """One for all tests that leave it as they found it, each with boards of its own."""
    data = tmp_path_factory.mktemp("duty") / "data"
    fill(data)
    one = Duty(data, "--port", str(free_port(set())))
    try:
        yield one
        assert one.stop() == 0
    finally:
        one.end()


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Starts duty rooms that end with the test."""
    started: list[Duty] = []

    def start(data: Path = tmp_path / "data", **more: Any) -> Duty:
        if not Folder(data).exists():
            fill(data)
        started.append(Duty(data, "--port", str(free_port(set())), **more))
        return started[-1]

    yield start
    for each in started:
        each.end()


def fill(data: Path) -> Registry:
    folder = Folder(data)
    folder.create("home", "值班室")
    registry = Registry(folder.registry)
    enrol.put_site(registry, {"id": "school-1", "name": "第一小学", "street": "南山街道"})
    enrol.put_boards(registry, [board(f"board-a{n}") for n in range(1, 7)])
    return registry


def board(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "site": "school-1", "simulated": True, **more}


def rows(duty: Duty, question: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{duty.folder.ledger}?mode=ro", uri=True)) as db:
        return db.execute(question).fetchall()


def get(duty: Duty, query: str, token: str | None = None) -> tuple[int, Any]:
    token = duty.folder.secret("city token") if token is None else token
    request = urllib.request.Request(
        f"{duty.url}/api/city/events{query}", headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_press_is_stored_told_to_the_city_and_refilled(begin: Begin) -> None:
    duty = begin()
    with duty.city() as city, duty.board("board-a1") as caller:
        city.subscribe("city/#")
        caller.subscribe("board/board-a1/down/#", 0)
        number = caller.press()
        receipt = caller.receipt(number)
        assert receipt["answer"] == "stored" and receipt["state"] == "stored"
        event = next_of(city, "city/alarm")
        assert event["data"]["change"] == "new" and event["subject"] == receipt["incident"]
        head = until(lambda: (h := next_of(city, "city/head"))["alarm"] >= 1 and h)
        assert len(head["hash"]) == 64 and head["exercise"] == 0
        city.say("city/receipt", json.dumps({"id": event["id"], "who": "市局"}).encode())
        found = until(
            lambda: (e := get(duty, "?feed=alarm&after=0")[1][0])["data"]["city_receipt"] and e
        )
        assert found["id"] == event["id"] and found["data"]["city_receipt"]["who"] == "市局"
        assert get(duty, "?feed=alarm&after=0&limit=1")[1] == [found]
        assert get(duty, "?feed=exercise") == (200, [])
        for wrong in ("?feed=x", "?limit=0", "?limit=10001", "?after=-1", "?after=x"):
            status, answer = get(duty, wrong)
            assert status == 400 and answer["error"]
        assert get(duty, "", token="wrong")[0] == 401
    until(lambda: rows(duty, "SELECT 1 FROM ledger WHERE kind = 'city_told'"))
    assert duty.stop(signal.SIGINT) == 0
    assert run("ledger", "verify", "--data", str(duty.folder.path)).returncode == 0


def next_of(caller: Caller, topic: str) -> Any:
    while True:
        heard, value = caller.hears()
        if heard == topic:
            return value


def test_the_cursor_outlives_the_broker(begin: Begin) -> None:
    """Every event reaches a subscriber, or the refill; none comes twice under two ids."""
    duty = begin()
    ids: dict[str, str] = {}
    with duty.city() as city, duty.board("board-a1") as caller:
        city.subscribe("city/alarm")
        for _ in range(3):
            store(duty, caller, [caller.press() for _ in range(6)])
            old = duty.kill("mosquitto.conf")
            until(lambda p=old: duty.pid_of("mosquitto.conf") not in (None, p), 5)  # type: ignore[misc]
            until(lambda: caller.up and city.up, 10)
        events = get(duty, "?feed=alarm")[1]
        assert [event["sequence"] for event in events] == [str(n + 1) for n in range(len(events))]
        until(lambda: cursor(duty) == len(events), 10)
        time.sleep(0.5)
        while not city.heard.empty():
            _, event = city.hears()
            assert ids.setdefault(event["sequence"], event["id"]) == event["id"]
        # what the broker acknowledged and then lost may be missing here: the refill has it
        for event in events:
            assert ids.get(event["sequence"], event["id"]) == event["id"]
        assert str(len(events)) in ids


def store(duty: Duty, caller: Caller, numbers: list[int]) -> None:
    """Repeats them until they are on record, as a board does."""
    question = f"SELECT number FROM reports WHERE boot = '{caller.boot}'"

    def stored() -> bool:
        missing = set(numbers) - {row[0] for row in rows(duty, question)}
        for number in missing:
            caller.press(number=number)
        time.sleep(0.3)
        return not missing

    until(stored)


def cursor(duty: Duty) -> int:
    found = rows(duty, "SELECT sequence FROM cursors WHERE topic = 'alarm'")
    return int(found[0][0]) if found else 0


def test_what_is_killed_is_back_and_no_board_is_lost(begin: Begin, tell: Tell) -> None:
    duty = begin()
    with duty.board("board-a1") as caller:
        caller.subscribe("board/board-a1/down/#", 0)
        caller.receipt(caller.press("status", code="power"))
    for part in ("mosquitto.conf", "external", "mosquitto.conf"):
        old = duty.kill(part)
        began = time.monotonic()
        until(lambda p=old, w=part: duty.pid_of(w) not in (None, p), 5)  # type: ignore[misc]

        def stored() -> Any:
            try:
                with duty.board("board-a1") as again:
                    again.subscribe("board/board-a1/down/#", 0)
                    return again.receipt(again.press("status", code="power"), 0.5)
            except (OSError, AssertionError, queue.Empty):
                return None

        until(stored, 10)
        tell(f"stored again after {time.monotonic() - began:.1f} s")
    kinds = [r[0] for r in rows(duty, "SELECT kind FROM ledger")]
    assert "board_lost" not in kinds and kinds.count("started") == 2
    assert duty.stop() == 0


def test_sigint_that_was_inherited_as_ignored_still_stops_it(begin: Begin, tell: Tell) -> None:
    duty = begin(limit=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    began = time.monotonic()
    assert duty.stop(signal.SIGINT) == 0
    tell(f"stopped after {time.monotonic() - began:.1f} s")


def test_a_full_disk_is_later_and_heals(begin: Begin) -> None:
    """RLIMIT_FSIZE: files may grow no further, then may again."""
    duty = begin()
    hub = duty.pid_of("external")
    assert hub
    with duty.board("board-a1") as caller:
        caller.subscribe("board/board-a1/down/#", 0)
        assert caller.receipt(caller.press())["answer"] == "stored"
        size = max(f.stat().st_size for f in duty.folder.path.glob("ledger.db*"))
        resource.prlimit(hub, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

        def refused() -> Any:
            answer = caller.receipt(caller.press("status", code="power", text="x" * 200))
            return answer if answer["answer"] == "later" else None

        answer = until(refused, 60)
        assert answer["reason"] in ("disk", "too fast")
        while answer["reason"] == "too fast":
            time.sleep(answer["after_ms"] / 1000)
            answer = until(refused, 60)
        resource.prlimit(hub, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        report = {
            "boot": caller.boot,
            "number": answer["number"],
            "kind": "status",
            "code": "power",
        }

        def stored() -> bool:
            text = json.dumps({**report, "age_ms": 0, "reboots": 0})
            caller.say("board/board-a1/up/report", text.encode())
            return bool(caller.receipt(answer["number"])["answer"] == "stored")

        until(stored, 20)
    assert duty.pid_of("external") == hub  # it never died of it
    assert duty.stop() == 0
    assert run("ledger", "verify", "--data", str(duty.folder.path)).returncode == 0


def test_the_next_officer_gets_in_on_a_full_disk(begin: Begin) -> None:
    """RLIMIT_FSIZE 0: no file takes a byte. What was done in memory is kept once it heals."""
    duty = begin()
    hub = duty.pid_of("external")
    assert hub
    admin = logged_in(duty, "admin")
    logged_in(duty, "officer")
    resource.prlimit(hub, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    officer = Client(admin.served)
    assert officer.login("officer", "wrong").status == 401
    assert officer.login("officer").status == 303 and officer.get("/").status == 200
    assert officer.here().status == 200
    assert admin.get("/admin").status == 200
    assert admin.form("/logout", token=admin.token).status == 303
    assert admin.get("/admin").status == 303  # out is out
    resource.prlimit(hub, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    again = Client(admin.served)
    assert again.login("admin").status == 303
    duty.kill("external")
    until(lambda: duty.pid_of("external") not in (None, hub), 5)
    until(lambda: answers(officer), 10)
    assert officer.get("/").status == 200 and again.get("/admin").status == 200
    assert admin.get("/admin").status == 303


def answers(client: Client) -> bool:
    try:
        return client.get("/login?over").status == 200
    except OSError:
        return False


def test_verify_and_export_beside_a_hub_at_work(duty: Duty) -> None:
    with duty.board("board-a4") as caller:
        for _ in range(5):
            for _ in range(4):
                caller.press()
            found = run("ledger", "verify", "--data", str(duty.folder.path))
            assert (found.returncode, found.stderr) == (0, ""), found.stdout
    export = run("ledger", "export", "--data", str(duty.folder.path)).stdout.splitlines()
    assert [json.loads(line)["number"] for line in export] == list(range(1, len(export) + 1))


@pytest.mark.parametrize("external", [[], ["--broker", "external"]])
def test_a_second_hub_is_refused(duty: Duty, external: list[str]) -> None:
    second = run("hub", "--data", str(duty.folder.path), *external)
    assert second.returncode == 2
    assert str(duty.folder.path) in second.stderr and "Traceback" not in second.stderr


def test_taken_ports_unread_keys_and_strange_folders_are_sentences(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for ports in (("--port", port), ("--port", str(free_port(set())), "--mqtt-port", port)):
            found = run("hub", "--data", str(tmp_path / "data"), *ports)
            assert found.returncode == 2 and port in found.stderr
            assert "Traceback" not in found.stderr
    (tmp_path / "data" / "qianshao.toml").write_text(
        'district = "home"\nname = "x"\nduty_fone = ""'
    )
    found = run("hub", "--data", str(tmp_path / "data"), "--port", str(free_port(set())))
    assert found.returncode == 2 and "did you mean duty_phone?" in found.stderr
    text = 'district = "home"\nname = "x"\n'
    (tmp_path / "data" / "qianshao.toml").write_text(text)
    found = run("hub", "--data", str(tmp_path / "data"), "--district", "nanshan")
    assert found.returncode == 2 and "is home's" in found.stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:  # renamed since: it would start
        named = ("--name", "y", "--port", str(taken.getsockname()[1]))
        found = run("hub", "--data", str(tmp_path / "data"), *named)
    assert "is called x" in found.stderr and "is taken" in found.stderr
    (tmp_path / "file").write_text("")
    found = run("hub", "--data", str(tmp_path / "file"))
    assert found.returncode == 2 and "Traceback" not in found.stderr


def test_a_torn_registry_is_told_and_a_lost_one_stops_it(begin: Begin, tmp_path: Path) -> None:
    registry = fill(tmp_path / "data").path
    registry.write_text('{"sites": {"1"')
    duty = begin()
    with duty.board("board-a1") as caller:
        assert caller.refused is None  # the .bak knew it
    assert duty.stop() == 0
    registry.with_suffix(".json.bak").write_text("")
    found = run("hub", "--data", str(tmp_path / "data"), "--port", str(free_port(set())))
    assert found.returncode == 2 and ".bak" in found.stderr


def test_another_districts_ledger_is_refused(begin: Begin) -> None:
    duty = begin()
    duty.stop()
    toml = duty.folder.toml
    toml.write_text(toml.read_text().replace('"home"', '"other"'))
    found = run("hub", "--data", str(duty.folder.path), "--port", str(free_port(set())))
    assert found.returncode == 2 and "home" in found.stderr and "other" in found.stderr


def test_a_hub_with_a_real_board_is_framed_by_nobody(tmp_path: Path) -> None:
    data = tmp_path / "data"
    framed = ("hub", "--data", str(data), "--framed-by", "http://127.0.0.1:4321")
    own = run(*framed)
    assert own.returncode == 2 and "--broker external only" in own.stderr
    assert not data.exists()  # and nothing is left of it
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        taken = run("hub", "--data", str(tmp_path / "new"), "--port", port)
    assert taken.returncode == 2 and not Folder(tmp_path / "new").toml.exists()
    data.mkdir()
    registry = Registry(Folder(data).registry)
    enrol.put_site(registry, {"id": "school", "name": "学校", "street": "东湖街道"})
    enrol.put_board(registry, {"id": "school-1", "site": "school", "simulated": False})
    real = run(*framed, "--broker", "external")
    assert real.returncode == 2 and "holds a real board" in real.stderr
    odd = run(*framed[:-1], "http://example.org")
    assert odd.returncode == 2 and "should be like http://127.0.0.1" in odd.stderr
