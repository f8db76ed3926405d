"""Presses in drills (演练) and tests: what the rows say of them, and when they were made."""

from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

from hub.ledger import Row
from simulator.world.checkers import BATCH_MS, Judge
from simulator.world.committed import Name

THIRD_MS = 10_000


class Made(NamedTuple):
    """One press of red: when its contact closed, its row, what it was told as (alarm, drill or
    test), and how surely the hub could date it."""

    at_ms: int
    row: int
    told: str
    slack_ms: int


def check(judge: Judge, rows: Mapping[int, Row], under_way_ms: Mapping[Name, int]) -> None:
    """A drill's press was made in its window; of three within ten seconds one is real."""
    made = _made(judge, rows, under_way_ms)
    for board, presses in made.items():
        presses.sort()
        for three in zip(presses, presses[1:], presses[2:], strict=False):
            if _stayed_a_drill(three, presses):
                last = max(each.row for each in three)
                about = f"three presses of {board} within ten seconds, up to ledger row {last}"
                at_ms = rows[last].steady
                judge.wrong("silent", at_ms, ("third", last), f"{about}: none told as real")
    for drill in judge.committed.made_real:
        board, _ = judge.committed.owner[drill]
        if not any(
            c.at_ms - a.at_ms <= THIRD_MS + 2 * max(a.slack_ms, b.slack_ms, c.slack_ms)
            for a, b, c in combinations(made.get(board, ()), 3)
        ):
            about = f"the hub made the drill of ledger row {drill} real, without three presses"
            judge.wrong("falsely_confirmed", rows[drill].steady, ("made real", drill), about)


def _made(
    judge: Judge, rows: Mapping[int, Row], under_way_ms: Mapping[Name, int]
) -> dict[str, list[Made]]:
    """Board -> its presses, as the rows have them; one outside its window is wrong."""
    made: dict[str, list[Made]] = {}
    for number, row in rows.items():
        if row.kind != "reported" or row.body["report"]["kind"] not in ("alarm", "test"):
            continue
        report, board = row.body["report"], row.body["board"]
        name = (board, report["boot"], report["number"])
        press = judge.by_name.get(name)
        if press is None or press.contact_ms is None:
            continue
        slack_ms = under_way_ms.get(name, 0) + BATCH_MS
        counts = number in judge.committed.drills
        window = judge.committed.windows.all[row.body["drill"]] if counts else None
        real = judge.committed.drills.get(number) in judge.committed.made_real
        told = "drill" if window and not real else str(report["kind"])
        made.setdefault(board, []).append(Made(press.contact_ms, number, told, slack_ms))
        if window is None:
            continue
        slack_ms += report["age_ms"] // 1000
        if not window.from_ms - slack_ms <= press.contact_ms <= window.until_ms + slack_ms:
            about = f"press {press.serial} of {board} was at {press.contact_ms} ms, and drill"
            span = f"window {window.number} was open from {window.from_ms} to {window.until_ms}"
            judge.wrong("silent", row.steady, ("drill", number), f"{about} {span}")
    return made


def _stayed_a_drill(three: tuple[Made, ...], presses: list[Made]) -> bool:
    """Within ten seconds, one of them a drill's and none told as real; but for those of which
    the last came after a later press of the board had rung as real: a person was called."""
    told = [each.told for each in three]
    spread_ms = three[2].at_ms - three[0].at_ms + max(each.slack_ms for each in three)
    if spread_ms > THIRD_MS or "drill" not in told or "alarm" in told:
        return False
    last = max(each.row for each in three)
    return not any(
        each.told == "alarm" and each.at_ms >= three[2].at_ms and each.row < last
        for each in presses
    )
