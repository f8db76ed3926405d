"""Products with one rule of theirs taken out, each in a few lines: the world's checkers must see
every one. The four that `simulate --broken` shows to everybody live in `simulator/broken.py`."""

from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from firmware import core as firmware_core
from firmware import lamps
from firmware.gestures import Gestures
from firmware.outbox import Outbox
from firmware.reports import Report
from hub import actions, core, escalation, incidents, intake
from hub.channels import notices, reach
from hub.city import feed
from hub.duty import allwell, asks, drills
from hub.events import Action, Effect, Now
from hub.rooms import ROOMS
from simulator.world.world import Variant

Red = Callable[[Any, int, bool], Any]


# --- on the board -------------------------------------------------------------------------


def ignores_red_while_its_alarm_is_open(patch: pytest.MonkeyPatch) -> None:
    red: Red = Gestures.red_pressed
    patch.setattr(
        Gestures,
        "red_pressed",
        lambda g, at, grey: None if g.board.open_alarm() else red(g, at, grey),
    )


def ignores_red_while_grey_is_held(patch: pytest.MonkeyPatch) -> None:
    red: Red = Gestures.red_pressed
    patch.setattr(Gestures, "red_pressed", lambda g, at, grey: None if grey else red(g, at, grey))


def feels_every_second_press(patch: pytest.MonkeyPatch) -> None:
    red: Red = Gestures.red_pressed
    count = iter(range(1_000_000))
    patch.setattr(
        Gestures, "red_pressed", lambda g, at, grey: red(g, at, grey) if next(count) % 2 else None
    )


def sends_no_hold(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Gestures, "red_held", lambda g, subject: None)


def keeps_the_third_press_a_test(patch: pytest.MonkeyPatch) -> None:
    red: Red = Gestures.red_pressed
    patch.setattr(
        Gestures,
        "red_pressed",
        lambda g, at, grey: g._test(at) if g.board.testing() else red(g, at, grey),
    )


def knows_no_age(patch: pytest.MonkeyPatch) -> None:
    wire: Callable[[Any, int], dict[str, Any]] = Report.wire
    patch.setattr(Report, "wire", lambda r, now: {**wire(r, now), "age_ms": 0, "reboots": 0})


def marks_nothing_in_flash(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Outbox, "mark", lambda box, name, state: None)


def hears_no_late_receipt(patch: pytest.MonkeyPatch) -> None:
    hears: dict[str, Any] = vars(firmware_core)["HEARS"]
    heard = hears["receipt"]

    def hear(board: Any, value: dict[str, Any]) -> Any:
        report = board.reports.all.get((value["boot"], value["number"]))
        late = report and board.now_ms - report.offered_ms > 10_000
        return None if late else heard(board, value)

    patch.setitem(hears, "receipt", hear)


def hides_that_a_later_press_did_not_get_through(patch: pytest.MonkeyPatch) -> None:
    row: Callable[..., Any] = lamps.call_row

    def call_row(*args: Any) -> Any:
        found = row(*args)
        return ("again", *found[1:]) if found and found[0] == "again_undelivered" else found

    patch.setattr(lamps, "call_row", call_row)


# --- in the hub ---------------------------------------------------------------------------


def opens_no_incident_for_duress(patch: pytest.MonkeyPatch) -> None:
    pressed = incidents._pressed

    def without(db: Any, row: Any, kind: str) -> Generator[Effect, None, str | None]:
        return None if kind == "duress" else (yield from pressed(db, row, kind))

    patch.setattr(incidents, "_pressed", without)


def counts_a_hold_as_a_press(patch: pytest.MonkeyPatch) -> None:
    changed = incidents.changed

    def more(db: Any, row: Any, incident: str, change: str, **columns: Any) -> Iterator[Effect]:
        if change == "hold":
            columns["presses"] = incidents.find(db, incident)["presses"] + 1
        yield from changed(db, row, incident, change, **columns)

    patch.setattr(incidents, "changed", more)


def never_voids_a_withdrawal(patch: pytest.MonkeyPatch) -> None:
    changed = incidents.changed

    def keep(db: Any, row: Any, incident: str, change: str, **columns: Any) -> Iterator[Effect]:
        if change in ("again", "hold"):
            columns.pop("withdraw_wall", None)
        yield from changed(db, row, incident, change, **columns)

    patch.setattr(incidents, "changed", keep)


def lets_a_late_withdrawal_stand(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(incidents, "_pressed_since", lambda db, row, incident: False)


def stays_taken_when_pressed_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(incidents, "_before", lambda db, row, other_row: True)


def says_that_somebody_listens(patch: pytest.MonkeyPatch) -> None:
    for name in ("_receipt", "state"):
        told = getattr(intake, name)

        def say(*args: Any, told: Any = told, **more: Any) -> Any:
            effect = told(*args, **more)
            effect.value["listening"] = True
            return effect

        patch.setattr(intake, name, say)


def keeps_the_head_of_what_was_undone(patch: pytest.MonkeyPatch) -> None:
    commit = core._commit

    def lost(hub: core.Hub, work: Iterator[Effect], now: Now) -> list[Effect]:
        heads = [hub.head]

        def watched() -> Iterator[Effect]:
            for effect in work:
                heads.append(hub.head)
                yield effect

        try:
            return commit(hub, watched(), now)
        finally:
            hub.head = max(hub.head, *heads)

    patch.setattr(core, "_commit", lost)


def _without(pass_: object) -> Variant:
    passes = [each for each in ROOMS.passes if each is not pass_]
    return Variant(rooms=ROOMS._replace(passes=passes))


def _closing(wish: str, after_ms: int, outcome: str = "false_press") -> Variant:
    """A pass that closes what nobody has: incidents of that kind, so long after their start."""

    def close(hub: core.Hub, now: Now) -> Iterator[Effect]:
        query = f"SELECT id, since_row FROM incidents WHERE state <> 'closed' AND {wish}"
        for row in hub.db.execute(query).fetchall():
            if hub.elapsed(now, row["since_row"]) > after_ms:
                body = {"incident": row["id"], "outcome": outcome}
                yield from hub.record(now, "closed", "hub", body)

    return Variant(rooms=ROOMS._replace(passes=(*ROOMS.passes, close)))


def closes_what_is_asked_to_be_withdrawn(_: pytest.MonkeyPatch) -> Variant:
    return _closing("withdraw_wall IS NOT NULL", 0)


def closes_by_itself(_: pytest.MonkeyPatch) -> Variant:
    return _closing("kind = 'alarm'", 20_000)


def never_escalates(_: pytest.MonkeyPatch) -> Variant:
    return _without(escalation.watch_untaken)


def counts_on_as_if_the_machine_had_not_been_started_anew(patch: pytest.MonkeyPatch) -> None:
    def elapsed(hub: core.Hub, now: Now, number: int) -> int:
        (steady,) = hub.db.execute(
            "SELECT steady FROM ledger WHERE number = ?", (number,)
        ).fetchone()
        return max(0, now.steady - int(steady))

    patch.setattr(core.Hub, "elapsed", elapsed)


def keeps_a_drill_over_a_start_of_the_machine(_: pytest.MonkeyPatch) -> Variant:
    def forget(hub: core.Hub, _now: Now) -> Iterator[Effect]:
        hub.memory.boot_row = 0
        yield from ()

    return Variant(rooms=ROOMS._replace(passes=(forget, *ROOMS.passes)))


def knows_more_than_its_ledger(_: pytest.MonkeyPatch) -> Variant:
    def write(hub: core.Hub, _now: Now) -> Iterator[Effect]:
        hub.db.execute("UPDATE incidents SET contact = 'asked' WHERE state = 'taken'")
        yield from ()

    return Variant(rooms=ROOMS._replace(passes=(*ROOMS.passes, write)))


def records_a_repeated_action_again(_: pytest.MonkeyPatch) -> Variant:
    def acted(hub: core.Hub, action: Action, now: Now) -> Iterator[Effect]:
        hub.db.execute("DELETE FROM actions WHERE id = ?", (action.id,))
        yield from actions.acted(hub, action, now)

    return Variant(rooms=ROOMS._replace(handlers={**ROOMS.handlers, Action: acted}))


def says_stored_on_a_full_disk(_: pytest.MonkeyPatch) -> Variant:
    def later(*args: Any) -> Effect | None:
        effect: Any = intake.later(*args)
        if effect:
            effect.value["answer"] = "stored"
        return effect  # type: ignore[no-any-return]

    return Variant(rooms=ROOMS._replace(later=later))


# --- drills and streets -------------------------------------------------------------------


def takes_no_press_for_a_drill(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(drills, "covering", lambda hub, board, body, now: None)


def never_ends_a_window(_: pytest.MonkeyPatch) -> Variant:
    return _without(drills.watch)


def lets_a_window_cover_what_comes_after_it(patch: pytest.MonkeyPatch) -> None:
    covering = drills.covering

    def cover(hub: core.Hub, board: str, body: dict[str, Any], now: Now) -> int | None:
        found = covering(hub, board, body, now)
        ended = "SELECT id FROM windows WHERE ended_row IS NOT NULL ORDER BY id DESC LIMIT 1"
        row = hub.db.execute(ended).fetchone()
        is_alarm = body["report"]["kind"] == "alarm"
        return int(row["id"]) if found is None and row and is_alarm else found

    patch.setattr(drills, "covering", cover)


def drills_the_streets_other_sites_too(patch: pytest.MonkeyPatch) -> None:
    query = drills.OPEN.replace("s.site = ?", "s.site <> ?")
    patch.setattr(drills, "OPEN", query)


def calls_a_drill_whatever_its_window_covers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(vars(firmware_core)["Board"], "exercise", lambda board: board.drilling())


def keeps_the_third_press_of_a_drill_in_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(drills, "_hammered", lambda *args: False)


def takes_an_age_after_a_start_for_exact(patch: pytest.MonkeyPatch) -> None:
    covering = drills.covering

    def cover(hub: core.Hub, board: str, body: dict[str, Any], now: Now) -> int | None:
        exact = {"pressed_from": body["pressed_to"], "report": {**body["report"], "reboots": 0}}
        return covering(hub, board, {**body, **exact}, now)

    patch.setattr(drills, "covering", cover)


def tells_drills_as_alarms(patch: pytest.MonkeyPatch) -> None:
    append: Callable[..., Iterator[Effect]] = feed.append

    def real(db: Any, row: Any, incident: Any, change: str) -> Iterator[Effect]:
        is_drill = incident["kind"] == "drill"
        told = {**dict(incident), "exercise": 0} if is_drill else incident
        yield from append(db, row, told, change)

    patch.setattr(feed, "append", real)


def confirms_drills_by_itself(_: pytest.MonkeyPatch) -> Variant:
    return _closing("kind = 'drill'", 5_000, "drill")


def goes_on_saying_drill(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(drills, "left_ms", lambda hub, site, now: 60_000)


def shows_no_taking_by_a_street(patch: pytest.MonkeyPatch) -> None:
    fate = intake._fate

    def told(hub: core.Hub, board: str, press: str) -> dict[str, Any]:
        said = fate(hub, board, press)
        row = incidents.find(hub.db, said.get("incident", ""))
        by_street = row and row["state"] == "taken" and row["taken_street"]
        return {**said, "state": "stored"} if by_street else said

    patch.setattr(intake, "_fate", told)


def hears_a_street_for_the_whole_district(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(core.Memory, "hears", lambda memory, street: bool(memory.listening))


# --- roll calls, and people to be told ------------------------------------------------------


def never_ends_a_roll_call(_: pytest.MonkeyPatch) -> Variant:
    return _without(asks.watch)


def loses_answers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(asks, "answered", lambda db, row: iter(()))


def counts_an_answer_for_every_ask(patch: pytest.MonkeyPatch) -> None:
    answered = asks.answered

    def every(db: Any, row: Any) -> Iterator[Effect]:
        for each in db.execute("SELECT id FROM asks WHERE ended_row IS NULL").fetchall():
            report = {**row.body["report"], "about": each["id"]}
            yield from answered(db, row._replace(body={**row.body, "report": report}))

    patch.setattr(asks, "answered", every)


def ends_a_roll_call_with_its_first_answer(patch: pytest.MonkeyPatch) -> None:
    missing = asks.missing

    def left(db: Any, ask: str) -> list[str]:
        query = "SELECT 1 FROM ask_sites WHERE ask = ? AND answered_row IS NOT NULL"
        return [] if db.execute(query, (ask,)).fetchone() else missing(db, ask)

    patch.setattr(asks, "missing", left)


def asks_everybody(patch: pytest.MonkeyPatch) -> None:
    for_board = asks.for_board

    def told(hub: core.Hub, site: str, now: Now) -> list[dict[str, Any]]:
        open_ = hub.db.execute("SELECT * FROM asks WHERE ended_row IS NULL LIMIT 1").fetchone()
        if open_ is None:
            return for_board(hub, site, now)
        return [{**{key: open_[key] for key in ("id", "kind", "text")}, "left_ms": 1_000}]

    patch.setattr(asks, "for_board", told)


def finds_missing_who_was_forced_to_send_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(allwell, "COUNTS", ("allwell",))


def swallows_the_deadline(_: pytest.MonkeyPatch) -> Variant:
    return _without(allwell.watch)


def answers_nothing_with_grey(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Gestures, "grey_short", lambda g, meaning: False)


def sends_no_duress_with_white(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Gestures, "white_held", lambda g: None)


def tells_nobody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(notices, "tell", lambda hub, found, now: iter(()))


def tells_people_of_another_street(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(notices, "concerns", lambda person, incident: True)


def knows_one_way_to_a_person(patch: pytest.MonkeyPatch) -> None:
    next_ = notices._next
    patch.setattr(notices, "_next", lambda hub, ways, *more: next_(hub, ways[:1], *more))


def tells_people_in_one_round_only(patch: pytest.MonkeyPatch) -> None:
    next_ = notices._next

    def first_round(*asked: Any) -> Any:
        found = next_(*asked)
        return found if found and found[0] == 1 else None

    patch.setattr(notices, "_next", first_round)


def swallows_that_nobody_can_be_reached(_: pytest.MonkeyPatch) -> Variant:
    return _without(reach.watch_reach)


# --- towards the city ---------------------------------------------------------------------


def tells_the_city_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(feed, "append", lambda db, row, incident, change: iter(()))


def skips_every_second_sequence(patch: pytest.MonkeyPatch) -> None:
    append = feed.append

    def skip(db: Any, row: Any, incident: Any, change: str) -> Iterator[Effect]:
        yield from append(db, row, incident, change)
        db.execute("UPDATE feed SET sequence = sequence + 1 WHERE rowid = last_insert_rowid()")

    patch.setattr(feed, "append", skip)


def tells_tests_as_alarms(patch: pytest.MonkeyPatch) -> None:
    append: Callable[..., Iterator[Effect]] = feed.append
    patch.setattr(
        feed,
        "append",
        lambda db, row, incident, change: append(
            db, row, {**dict(incident), "exercise": 0}, change
        ),
    )


Mutant = Callable[[pytest.MonkeyPatch], Variant | None]
MUTANTS: tuple[Mutant, ...] = (
    ignores_red_while_its_alarm_is_open,
    ignores_red_while_grey_is_held,
    feels_every_second_press,
    sends_no_hold,
    keeps_the_third_press_a_test,
    knows_no_age,
    marks_nothing_in_flash,
    hears_no_late_receipt,
    hides_that_a_later_press_did_not_get_through,
    opens_no_incident_for_duress,
    counts_a_hold_as_a_press,
    never_voids_a_withdrawal,
    lets_a_late_withdrawal_stand,
    stays_taken_when_pressed_again,
    says_that_somebody_listens,
    keeps_the_head_of_what_was_undone,
    closes_what_is_asked_to_be_withdrawn,
    closes_by_itself,
    never_escalates,
    counts_on_as_if_the_machine_had_not_been_started_anew,
    keeps_a_drill_over_a_start_of_the_machine,
    knows_more_than_its_ledger,
    records_a_repeated_action_again,
    says_stored_on_a_full_disk,
    takes_no_press_for_a_drill,
    never_ends_a_window,
    lets_a_window_cover_what_comes_after_it,
    drills_the_streets_other_sites_too,
    calls_a_drill_whatever_its_window_covers,
    keeps_the_third_press_of_a_drill_in_it,
    takes_an_age_after_a_start_for_exact,
    tells_drills_as_alarms,
    confirms_drills_by_itself,
    goes_on_saying_drill,
    shows_no_taking_by_a_street,
    hears_a_street_for_the_whole_district,
    never_ends_a_roll_call,
    loses_answers,
    counts_an_answer_for_every_ask,
    ends_a_roll_call_with_its_first_answer,
    asks_everybody,
    finds_missing_who_was_forced_to_send_it,
    swallows_the_deadline,
    answers_nothing_with_grey,
    sends_no_duress_with_white,
    tells_nobody,
    tells_people_of_another_street,
    knows_one_way_to_a_person,
    tells_people_in_one_round_only,
    swallows_that_nobody_can_be_reached,
    tells_the_city_nothing,
    skips_every_second_sequence,
    tells_tests_as_alarms,
)
