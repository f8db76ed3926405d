"""Mosquitto really enforces the rules that `hub/broker.py` lays, also while the hub runs."""

from collections.abc import Iterator

import pytest

from hub import broker, enrol
from protocol.topics import board_topic, city_topic
from tests.chain.raw import Raw, as_board, as_city, as_hub, quiet
from tests.chain.town import DISTRICT, Town, until

pytestmark = pytest.mark.chain

GONE = b'{"boot": "00112233445566ff"}'
EVERYTHING = board_topic(DISTRICT, "+", "up", "+")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    path = tmp_path_factory.mktemp("broker") / "town"
    toml = "[presence]\nself_test_s = 1\n"
    with Town(path, (), ("one-1", "two-2", "three-3"), toml) as town:
        yield town


def test_its_files_are_for_their_owner_only(town: Town) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in town.folder.broker.iterdir()}
    secret = {name: mode for name, mode in modes.items() if name.endswith((".passwd", ".acl"))}
    assert secret and set(secret.values()) == {0o600}


def test_each_listener_takes_its_own_accounts(town: Town) -> None:
    board, mqtt = town.ports["board"], town.ports["mqtt"]
    one = town.folder.board_password("one-1", 1)
    hub = broker.secret(town.folder, broker.HUB_USER)
    for port, user, password in (
        (board, "one-1", one + "x"),
        (board, "two-2", one),
        (board, broker.HUB_USER, hub),
        (mqtt, "one-1", one),
        (mqtt, broker.CITY_USER, hub),
        (mqtt, "", ""),
    ):
        with Raw(port, user, password) as raw:
            assert raw.refused, user
    with Raw(board, "one-1", one) as raw:
        assert not raw.refused


def test_a_board_is_heard_under_its_own_name_only(town: Town) -> None:
    with as_hub(town, EVERYTHING) as hub, as_board(town, "one-1", client_id="two-2") as one:
        one.up("report", b"x", "two-2")
        one.up("report", b"x", "self-test")
        quiet(lambda: any("/self-test/" not in topic for _, topic, _ in hub.heard), 0.5)
        one.up("report", b"mine")
        until(lambda: b"mine" in [payload for _, _, payload in hub.heard])


def test_a_board_hears_what_is_for_itself_only(town: Town) -> None:
    password = town.folder.board_password("one-1", 1)
    greedy = ("#", board_topic(DISTRICT, "two-2", "down", "#"), f"qianshao/v1/{DISTRICT}/#")
    with (
        Raw(town.ports["board"], "one-1", password, subscriptions=greedy) as thief,
        as_board(town, "two-2") as two,
    ):
        two.stored(two.report())
        quiet(lambda: bool(thief.heard), 0.5)
        thief.stored(thief.report())


def test_a_will_is_ones_own(town: Town) -> None:
    forged = board_topic(DISTRICT, "two-2", "up", "gone")
    own = board_topic(DISTRICT, "one-1", "up", "gone")
    with as_hub(town, board_topic(DISTRICT, "+", "up", "gone")) as hub:
        with as_board(town, "one-1", will=(forged, GONE)) as one:
            if not one.refused:
                one.break_off()
        quiet(lambda: bool(hub.heard))
        with as_board(town, "one-1", will=(own, GONE)) as one:
            one.break_off()
            until(lambda: hub.heard)
        assert [topic for _, topic, _ in hub.heard] == [own]


def test_the_city_reads_its_feed_and_writes_receipts_only(town: Town) -> None:
    root = f"qianshao/v1/{DISTRICT}"
    with (
        as_hub(town, EVERYTHING, city_topic(DISTRICT, "#")) as hub,
        as_city(town, "#", f"{root}/board/#", f"{root}/hub/#") as city,
        as_board(town, "one-1") as one,
    ):
        before = len(hub.heard)
        for topic in (
            board_topic(DISTRICT, "one-1", "up", "report"),
            board_topic(DISTRICT, "one-1", "down", "order"),
            city_topic(DISTRICT, "alarm"),
            city_topic(DISTRICT, "head"),
        ):
            city.send(topic, b"forged", qos=1, retain=True)
        city.send(city_topic(DISTRICT, "receipt"), b"{}")
        until(lambda: b"{}" in [payload for _, _, payload in hub.heard[before:]])
        assert b"forged" not in [payload for _, _, payload in hub.heard + one.heard]
        one.stored(one.report("test"))
        assert not [t for _, t, _ in city.heard if not t.startswith(f"{root}/city/")]


def test_a_revoked_board_is_cut_at_once_and_others_are_not(town: Town) -> None:
    with as_board(town, "one-1") as one, as_board(town, "three-3") as three:
        enrol.put_board(
            town.registry, {"id": "three-3", "site": "school", "simulated": True, "key_number": 2}
        )
        assert three.lost.wait(3)
        assert not one.lost.is_set()
        one.stored(one.report())
    old = town.folder.board_password("three-3", 1)
    with Raw(town.ports["board"], "three-3", old) as raw:
        assert raw.refused
    new = town.folder.board_password("three-3", 2)
    with Raw(town.ports["board"], "three-3", new) as raw:
        assert not raw.refused
    first, *_, change = town.ledger("registry")
    assert set(first["after"]["boards"]) >= {"one-1", "three-3"}  # from before the first start
    assert change["before"]["boards"]["three-3"]["key_number"] == 1
    assert change["after"]["boards"]["three-3"]["key_number"] == 2


def test_a_board_enrolled_while_the_hub_runs_may_press(town: Town) -> None:
    enrol.put_board(town.registry, {"id": "four-4", "site": "school", "simulated": True})

    def let_in() -> bool:
        with Raw(town.ports["board"], "four-4", town.folder.board_password("four-4", 1)) as raw:
            return not raw.refused

    until(let_in, 30)
    with as_board(town, "four-4") as four:
        four.stored(four.report())


def test_a_torn_registry_costs_nobody_his_link(town: Town) -> None:
    whole = town.folder.registry.read_bytes()
    with as_board(town, "one-1") as one:
        new = town.folder.path / "torn"
        new.write_bytes(whole[: len(whole) // 2])
        new.replace(town.folder.registry)
        quiet(one.lost.is_set, 1.5)
        one.stored(one.report())
        new.write_bytes(whole)
        new.replace(town.folder.registry)
        quiet(one.lost.is_set, 1.5)


def test_the_hub_tests_itself_and_that_is_no_incident(town: Town) -> None:
    def tests() -> int:
        return sum(body["board"] == "self-test" for body in town.ledger("reported"))

    before = tests()
    until(lambda: tests() >= before + 2, 30)
    assert "self-test" not in {body.get("board") for body in town.ledger("board_here")}
    assert not [event for event in town.feed() if event["data"]["board"] == "self-test"]


def test_a_strange_message_on_the_hubs_own_topics_costs_nothing(town: Town) -> None:
    hub = town.processes["hub"].pid()
    with as_city(town) as city:
        for payload in (b"", b"\xff", b"[" * 50_000, b'{"id": 1}', b'{"id": "x", "who": "y"}'):
            city.send(city_topic(DISTRICT, "receipt"), payload)
    with as_board(town, "two-2") as two:
        two.stored(two.report())
    assert town.processes["hub"].pid() == hub
    assert "Traceback" not in town.processes["hub"].log.read_text()


def test_nothing_but_the_head_is_retained(town: Town) -> None:
    with as_board(town, "two-2") as two:
        two.stored(two.report())
    with as_hub(town, f"qianshao/v1/{DISTRICT}/#") as late:
        until(lambda: late.retained, 30)
        quiet(lambda: len(late.retained) > 1)
        assert late.retained == [city_topic(DISTRICT, "head")]
