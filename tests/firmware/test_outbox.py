"""The outbox against cuts at every byte and step, flipped bytes and a full flash."""

import errno
import random

from firmware.compat import ENOSPC
from firmware.outbox import LIMITS, Outbox
from tests.firmware.faulty_flash import FaultyFlash, PowerCut

TEST_LIMITS = {"block_bytes": 256, "blocks": 4}  # every edge within a few dozen presses
BOOT, LATER = "00000000000000b1", "00000000000000b2"


def name(number):
    return BOOT, number


def numbers(records):
    return [record[0][1] for record in records]


def states(outbox):
    return {record[0][1]: record[2] for record in outbox.replay(LATER)}


def everything(outbox, most=3):
    """All that recall gives, portion by portion."""
    position, found = outbox.recall(None, LATER, most)
    while position is not None:
        position, more = outbox.recall(position, LATER, most)
        assert len(more) <= most
        found += more
    return found


def filled(count=6):
    """(flash, bytes of its one file): an outbox with that many alarms in one block."""
    flash = FaultyFlash()
    outbox = Outbox(flash, LIMITS)
    for number in range(1, count + 1):
        outbox.save(name(number), "alarm", {"at_ms": number * 1000})
    (content,) = flash.files.values()
    return flash, content


def test_a_start_finds_what_was_saved():
    flash = FaultyFlash()
    outbox = Outbox(flash)
    outbox.save(name(1), "alarm", {"at_ms": 5})
    outbox.save(name(2), "answer", {"at_ms": 6, "about": "d-1", "code": "heard"})
    outbox.save(name(3), "alarm", {"at_ms": 7})
    outbox.mark(name(1), "stored")
    outbox.mark(name(2), "stored")
    outbox.mark(name(3), "closed")
    again = Outbox(flash)
    assert again.torn == 0
    assert again.replay(LATER) == [(name(1), "alarm", "stored", {"at_ms": 5}, 1)]
    assert again.replay(BOOT)[0][4] == 0
    states_kept = {record[0][1]: record[2] for record in everything(again)}
    assert states_kept == {1: "stored", 2: "stored", 3: "closed"}


def test_reboots_are_the_starts_seen_since():
    flash = FaultyFlash()
    Outbox(flash).save(("%016x" % 1, 1), "alarm", {})
    for boot in (2, 3):
        Outbox(flash).save(("%016x" % boot, 1), "status", {})
    reboots = [record[4] for record in Outbox(flash).replay("%016x" % 4)]
    assert reboots == [3, 2, 1]
    assert [record[4] for record in Outbox(flash).replay("%016x" % 3)] == [2, 1, 0]


def test_a_state_is_never_taken_back():
    flash = FaultyFlash()
    outbox = Outbox(flash)
    outbox.save(name(1), "alarm", {})
    outbox.mark(name(1), "closed")
    size = len(flash.files["00000001.box"])
    outbox.mark(name(1), "stored")
    outbox.mark(name(1), "closed")
    outbox.mark(name(9), "closed")
    assert len(flash.files["00000001.box"]) == size
    assert Outbox(flash).replay(LATER) == []


def test_truncated_at_every_length():
    _, content = filled()
    size = len(content) // 6
    for length in range(len(content) + 1):
        outbox = Outbox(FaultyFlash({"00000001.box": content[:length]}))
        assert numbers(outbox.replay(LATER)) == list(range(1, length // size + 1))
        assert outbox.torn == (1 if length % size else 0)


def test_every_byte_flipped():
    _, content = filled()
    size = len(content) // 6
    for at in range(len(content)):
        for bits in (0x01, 0xFF):
            bad = bytearray(content)
            bad[at] ^= bits
            outbox = Outbox(FaultyFlash({"00000001.box": bytes(bad)}))
            hit = at // size + 1
            assert numbers(outbox.replay(LATER)) == [n for n in range(1, 7) if n != hit]
            assert outbox.torn == 1


def test_a_torn_write_in_the_middle_hides_nothing_behind_it():
    _, content = filled(2)
    record = content[: len(content) // 2]
    for length in range(1, len(record)):
        torn = {"00000001.box": record[:length] + content[len(record) :]}
        assert numbers(Outbox(FaultyFlash(torn)).replay(LATER)) == [2]


def test_other_files_are_let_alone():
    flash = FaultyFlash({"notes.txt": b"x", "zzzzzzzz.box": b"y", "kept.json": b"{}"})
    outbox = Outbox(flash, TEST_LIMITS)
    for number in range(1, 30):
        outbox.save(name(number), "test", {})
        outbox.mark(name(number), "stored")
    assert flash.files["notes.txt"] == b"x" and flash.files["zzzzzzzz.box"] == b"y"


class Shadow:
    """What must be true of an outbox, kept beside it in plain memory."""

    def __init__(self):
        self.saved = {}  # number -> the least state that must be found, once save() returned
        self.maybe = set()  # its save did not return: found or not
        self.ending = set()  # its last mark failed, and may stand all the same
        self.kinds = {}

    def check(self, outbox):
        found = states(outbox)
        assert len(found) == len(outbox.replay(LATER)), "a name came twice"
        for number, state in self.saved.items():
            final = state in ("closed", "refused") or (
                state == "stored" and self.kinds[number] != "alarm"
            )
            if final or number in self.ending or self.kinds[number] == "status":
                continue
            assert number in found, "press %d is lost" % number
            assert found[number] == state or state == "saved"
        for number in found:
            assert number in self.saved or number in self.maybe


def work(outbox, shadow, numbers_):
    """A board's day: presses, their receipts and ends, some status between; at most a few wait."""
    for number in numbers_:
        kind = "status" if number % 5 == 0 else "alarm"
        shadow.kinds[number] = kind
        shadow.maybe.add(number)
        try:
            outbox.save(name(number), kind, {"at_ms": number})
        except OSError:
            pass
        else:
            shadow.maybe.discard(number)
            shadow.saved[number] = "saved"
        for old, state in ((number - 2, "stored"), (number - 4, "closed")):
            if old in shadow.saved and old % 7:  # every seventh never hears of a receipt
                before = shadow.saved[old]
                shadow.saved[old] = state  # a mark that is cut may hold or not
                try:
                    outbox.mark(name(old), state)
                except OSError:
                    shadow.saved[old] = before
                    if state == "closed":
                        shadow.ending.add(old)


def test_a_cut_at_every_step_loses_and_doubles_nothing():
    whole = FaultyFlash()
    work(Outbox(whole, TEST_LIMITS), Shadow(), range(1, 25))
    assert max(whole.files) > "00000006.box"  # the world went round a few times
    for step in range(1, whole.steps + 1):
        for prefix in (0, 1, 20, 10000):

            def fail(now, kind, step=step, prefix=prefix):
                return (PowerCut(), prefix) if now == step else None

            flash = FaultyFlash(fail=fail)
            shadow = Shadow()
            try:
                work(Outbox(flash, TEST_LIMITS), shadow, range(1, 25))
            except PowerCut:
                pass
            marked = dict(shadow.saved)
            for number, state in marked.items():
                if state != "saved":  # the cut mark may not have held
                    shadow.saved[number] = "stored" if state == "closed" else "saved"
            found = states(Outbox(FaultyFlash(flash.files), TEST_LIMITS))
            for number, state in marked.items():
                last_two = number >= max(marked) - 4
                if state == "closed" and not last_two:
                    assert number not in found
                elif state == "saved" and shadow.kinds[number] == "alarm":
                    assert number in found, (step, prefix, number)


def test_a_full_or_failing_flash_at_every_step():
    whole = FaultyFlash()
    work(Outbox(whole, TEST_LIMITS), Shadow(), range(1, 25))
    for step in range(1, whole.steps + 1):
        for code, last in ((ENOSPC, 1), (errno.EIO, 1), (ENOSPC, 6), (errno.EIO, 3)):

            def fail(now, kind, step=step, code=code, last=last):
                full = code == ENOSPC and kind == "remove"  # removing needs no space
                return (
                    (OSError(code), now % 30) if step <= now < step + last and not full else None
                )

            flash = FaultyFlash(fail=fail)
            outbox = Outbox(flash, TEST_LIMITS)
            shadow = Shadow()
            work(outbox, shadow, range(1, 25))
            shadow.check(outbox)
            shadow.check(Outbox(FaultyFlash(flash.files), TEST_LIMITS))


def test_failing_appends_in_a_row_leave_the_older_file_alone():
    flash = FaultyFlash()
    outbox = Outbox(flash, TEST_LIMITS)
    outbox.save(name(1), "alarm", {})
    flash.fail = lambda step, kind: (OSError(errno.EIO), 3) if kind == "append" else None
    for number in (2, 3, 4):
        try:
            outbox.save(name(number), "alarm", {})
            raise AssertionError("it cannot have been saved")
        except OSError:
            pass
    flash.fail = None
    outbox.save(name(5), "alarm", {})
    assert numbers(Outbox(flash, TEST_LIMITS).replay(LATER)) == [1, 5]


def test_presses_that_wait_are_never_given_up():
    flash = FaultyFlash()
    outbox = Outbox(flash, TEST_LIMITS)
    kept = []
    for number in range(1, 60):
        try:
            outbox.save(name(number), "status" if number <= 4 else "alarm", {})
            kept.append(number)
        except OSError as error:
            assert error.args[0] == ENOSPC
    assert outbox.dropped == 4  # the statuses went first
    presses = [number for number in kept if number > 4]
    assert len(presses) >= 6
    assert [n for n in numbers(Outbox(flash, TEST_LIMITS).replay(LATER)) if n > 4] == presses


def test_delivered_records_stay_until_their_space_is_needed():
    flash = FaultyFlash()
    outbox = Outbox(flash, {"block_bytes": 256, "blocks": 16})
    for number in range(1, 21):
        outbox.save(name(number), "alarm" if number % 2 else "test", {"at_ms": number})
        outbox.mark(name(number), "closed" if number % 2 else "stored")
    found = everything(outbox)
    assert sorted(numbers(found)) == list(range(1, 21))
    assert [record[1] for record in found] == ["alarm"] * 10 + ["test"] * 10  # presses first
    assert all(record[2] in ("closed", "stored") for record in found)


def test_a_recall_goes_on_while_blocks_are_reclaimed():
    flash = FaultyFlash()
    outbox = Outbox(flash, TEST_LIMITS)
    for number in range(1, 6):
        outbox.save(name(number), "alarm", {})
    position, found = outbox.recall(None, LATER, 2)
    for number in range(6, 40):
        outbox.save(name(number), "test", {})
        outbox.mark(name(number), "stored")
    while position is not None:
        position, more = outbox.recall(position, LATER, 2)
        found += more
    assert {1, 2, 3, 4, 5} <= set(numbers(found))


def test_a_replay_is_bounded_presses_first():
    flash = FaultyFlash()
    outbox = Outbox(flash)
    for number in range(1, 31):
        outbox.save(name(number), "status" if number <= 10 else "alarm", {})
    for number in range(11, 25):
        outbox.mark(name(number), "stored")
    found = Outbox(flash).replay(LATER, 4)
    assert numbers(found) == [17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28]


def test_any_bytes_at_all_are_survived():
    seed = random.getrandbits(30)
    random.seed(seed)
    _, content = filled()
    for _ in range(300):
        files = {}
        for place in range(1, random.randint(2, 4)):
            data = bytearray(content)
            for _ in range(random.randint(1, 12)):
                data[random.randint(0, len(data) - 1)] = random.getrandbits(8)
            at = random.randint(0, len(data))
            noise = bytes([random.getrandbits(8) for _ in range(40)])
            files["%08x.box" % place] = bytes(data[:at]) + noise + bytes(data[at:])
        flash = FaultyFlash(files)
        outbox = Outbox(flash, {"block_bytes": 512, "blocks": 4})
        outbox.save(("ff" * 8, 1), "alarm", {})
        assert ("ff" * 8, 1) in [r[0] for r in Outbox(flash, TEST_LIMITS).replay(LATER)], seed


def test_random_days_with_random_faults():
    seed = random.getrandbits(30)
    for run in range(40):
        random.seed(seed + run)
        shadow = Shadow()
        flash = FaultyFlash()
        outbox = Outbox(flash, TEST_LIMITS)
        first = 1

        def fail(step, kind):
            if random.random() > 0.1:
                return None
            fault = PowerCut() if random.random() < 0.3 else OSError(errno.EIO)
            return fault, random.randint(0, 60)

        flash.fail = fail
        while first < 40:
            try:
                work(outbox, shadow, range(first, 40))
                break
            except PowerCut:
                for number, state in list(shadow.saved.items()):
                    if state != "saved" and number > first - 1:
                        shadow.saved[number] = "saved"  # which of its marks held is not known
                first = max(shadow.kinds) + 1
                flash.fail = None
                outbox = Outbox(flash, TEST_LIMITS)
                found = states(outbox)
                for number, state in list(shadow.saved.items()):
                    if number not in found and state == "saved" and number % 7:
                        del shadow.saved[number]  # its closing mark held, or was never asked for
                    elif number in found:
                        shadow.saved[number] = found[number]
                flash.fail = fail
        flash.fail = None
        for number in [n for n in shadow.saved if n % 7 == 0 and shadow.kinds[n] == "alarm"]:
            assert number in states(Outbox(flash, TEST_LIMITS)), (seed, run, number)
