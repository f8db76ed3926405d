"""Home Assistant hears the status of boards from a real broker, and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub import broker, enrol
from hub.registry import Registry
from tests.chain.raw import Raw, as_board, as_hub, quiet
from tests.chain.town import DISTRICT, Town, until

pytestmark = pytest.mark.chain

ALL = f"homeassistant/binary_sensor/qianshao-{DISTRICT}-"
ON = "[home_assistant]\nenabled = true\n"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Town(tmp_path / "town", (), ("one-1", "two-2"), ON) as town:
        yield town


def as_home(town: Town, *subscriptions: str) -> Raw:
    password = (town.folder.secrets / "home_assistant").read_text().strip()
    port = town.ports["mqtt"]
    return Raw(port, broker.HOME_USER, password, subscriptions=subscriptions)


def standing(raw: Raw) -> set[str]:
    """The configurations as they stand by now."""
    last = {topic: payload for _, topic, payload in raw.heard.copy() if topic.endswith("/config")}
    return {topic for topic, payload in last.items() if payload}


def last_state(raw: Raw, board: str) -> dict[str, str]:
    topic = f"qianshao/v1/{DISTRICT}/home_assistant/{board}"
    found = [payload for _, at, payload in raw.heard.copy() if at == topic]
    return dict(json.loads(found[-1])) if found else {}


def test_each_board_has_three_sensors_and_they_follow_its_status(town: Town) -> None:
    with as_home(town, "homeassistant/#", "qianshao/#") as home:
        until(lambda: len(standing(home)) == 6)
        with as_home(town, "homeassistant/#") as later:  # what stands is told to whoever comes
            until(lambda: len(standing(later)) == 6)
            assert set(later.retained) == standing(later)
        config = json.loads(next(p for _, t, p in home.heard if t == f"{ALL}one-1/mains/config"))
        assert config["device_class"] == "power"
        assert config["state_topic"] == f"qianshao/v1/{DISTRICT}/home_assistant/one-1"
        with as_board(town, "one-1") as one:
            one.stored(one.report("status", code="mains_lost"))
            wanted = {"online": "ON", "mains": "OFF", "battery": "OFF"}
            until(lambda: last_state(home, "one-1") == wanted)
            one.stored(one.report("status", code="mains_back"))
            one.stored(one.report("status", code="battery_low"))
            wanted = {"online": "ON", "mains": "ON", "battery": "ON"}
            until(lambda: last_state(home, "one-1") == wanted)


def test_no_press_gets_there(town: Town) -> None:
    with as_home(town, "#", "qianshao/#", f"qianshao/v1/{DISTRICT}/city/#") as home:
        with as_board(town, "one-1") as one:
            one.stored(one.report("alarm"))
            one.stored(one.report("duress"))
        quiet(lambda: any("/city/" in topic or "/board/" in topic for _, topic, _ in home.heard))
        assert not any(b"alarm" in payload for _, _, payload in home.heard)


def test_a_board_taken_out_covert_or_restricted_is_taken_back(town: Town) -> None:
    registry = Registry(town.folder.registry)
    with as_home(town, "homeassistant/#") as home:
        until(lambda: len(standing(home)) == 6)
        registry.change({}, {"boards": ["one-1"]})
        until(lambda: standing(home) == {f"{ALL}two-2/{w}/config" for w in SENSORS})
        site = registry.sites[registry.board("two-2")["site"]]  # type: ignore[index]
        enrol.put_site(registry, {**site, "restricted": True})
        until(lambda: not standing(home))


SENSORS = ("online", "mains", "battery")


def test_switched_off_it_clears_what_stands_and_has_no_account(tmp_path: Path) -> None:
    with Town(tmp_path / "town", (), ("one-1",), "") as town:
        stale = f"{ALL}one-1/mains/config"
        other = "homeassistant/binary_sensor/lamp/on/config"
        with as_hub(town, "homeassistant/#") as hub:
            hub.send(stale, b"{}", retain=True)
            hub.send(other, b"{}", retain=True)
            until(lambda: standing(hub) == {other})
        assert not (town.folder.secrets / "home_assistant").exists()
        password = broker.secret(town.folder, broker.HOME_USER)
        with Raw(town.ports["mqtt"], broker.HOME_USER, password) as home:
            assert home.refused


@pytest.mark.parametrize("prefix", ["panel", "house/two/three/four/five"])
def test_under_another_prefix_it_clears_what_stood_under_the_old_one(
    town: Town, prefix: str
) -> None:
    """The broker runs on: only the hub is started with the new setting, and then with the old."""
    old = {f"{ALL}{board}/{what}/config" for board in ("one-1", "two-2") for what in SENSORS}
    new = {topic.replace("homeassistant", prefix, 1) for topic in old}
    foreign = "homeassistant/binary_sensor/qianshao-elsewhere-one-1/mains/config"
    with as_hub(town, "homeassistant/#", f"{prefix}/#") as hub:
        until(lambda: standing(hub) == old)
        hub.send(foreign, b"{}", retain=True)
        toml = town.folder.toml.read_text()
        for text, wanted in ((f'{toml}prefix = "{prefix}"\n', new), (toml, old)):
            town.folder.toml.write_text(text)
            town.kill("hub")
            until(lambda wanted=wanted: standing(hub) == wanted | {foreign})  # type: ignore[misc]
