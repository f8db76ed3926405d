"""The sending half of the guarantee, on both interpreters."""

from protocol.delivery import Sender


def sender():
    return Sender(lambda: 0.5)


def test_a_name_is_repeated_until_its_receipt_with_growing_waits():
    each = sender()
    each.put("a", 0, 0)
    sent = [now for now in range(0, 130000, 100) if each.due(now)]
    waits = [later - before for before, later in zip(sent, sent[1:])]
    assert waits[:6] == [1000, 2000, 4000, 8000, 16000, 30000]
    assert each.settle("a")
    assert not each.settle("a")
    assert each.due(10**9) == []
    assert each.next_ms() is None


def test_alarms_go_first_and_then_what_has_waited_longest():
    each = sender()
    each.put("status", 0, 2)
    each.put("hold", 5, 1)
    each.put("alarm", 9, 0)
    assert each.due(10) == ["alarm", "hold", "status"]


def test_a_press_or_a_connection_ends_every_back_off():
    each = sender()
    each.put("a", 0, 0)
    for now in (0, 1000, 3000, 7000):
        assert each.due(now) == ["a"]
    assert each.due(8000) == []
    each.hurry(8000)
    assert each.due(8000) == ["a"]
    assert each.next_ms() == 9000


def test_what_was_told_to_wait_waits_so_long_and_no_longer():
    each = sender()
    each.put("a", 0, 0)
    assert each.due(0) == ["a"]
    each.later("a", 100, 5000)
    each.later("never heard of", 100, 5000)
    assert each.due(5099) == []
    assert each.due(5100) == ["a"]


def test_jitter_spreads_the_retries_of_many_boards():
    due = set()
    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        each = Sender(lambda part=part: part)
        each.put("a", 0, 0)
        each.due(0)
        due.add(each.next_ms())
    assert len(due) == 5
    assert min(due) >= 750
    assert max(due) <= 1250
