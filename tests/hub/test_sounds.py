"""Sound tests are on record, the last one is known."""

import pytest

from hub import sounds, store
from tests.hub.room import Room


def test_the_last_one_stands_and_is_replayed() -> None:
    room = Room()
    assert sounds.last(room.db) is None
    assert room.act("sound_test", "", heard=True) == "ok"
    room.forward(60)
    assert room.act("sound_test", "", "李敏", heard=False) == "ok"
    last = sounds.last(room.db)
    assert last and (last.heard, last.by) == (False, "李敏")
    before = store.dump(room.db)
    room.db.execute("PRAGMA user_version = 0")
    store.prepare(room.db, "nanshan", "feedfacecafe0001", room.now())
    assert store.dump(room.db) == before


@pytest.mark.parametrize("heard", [None, 1, "yes"])
def test_heard_or_not_and_nothing_between(heard: object) -> None:
    room = Room()
    assert room.act("sound_test", "", heard=heard) == "bad_value"
    assert "sound_tested" not in room.ledger_kinds()
