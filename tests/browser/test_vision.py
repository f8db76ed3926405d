"""States are told apart by form: also by who sees no red and green, in grey, and without any
colour at all."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import simulator
from tests.browser import forms
from tests.browser.conftest import Open
from tests.browser.forms import STATES, Forms, alike, picture
from tests.browser.test_duty import open_drill
from tests.desk.fixture import Live, Served

pytestmark = pytest.mark.browser
FORMS = (*STATES, "test", "drill", "duress", "abnormal")


def every_form(live: Live) -> dict[str, str]:
    """One incident of each form, the frame and glyph of its row alike in all else."""
    made = {form: live.report(f"board-{n:02d}") for n, form in enumerate(STATES, 1)}
    for form in ("taken", "working", "closed"):
        live.act_as("张伟", "take", made[form])
    for form in ("working", "closed"):
        live.act_as("张伟", "outcome", made[form], outcome="real")
    live.act_as("张伟", "close", made["closed"])
    made["test"] = live.report("board-05", "test")
    made["duress"] = live.report("board-07", "duress")
    made["abnormal"] = live.report("board-08", "abnormal")
    open_drill(live, "board-06")
    made["drill"] = live.report("board-06")
    return made


@pytest.mark.parametrize("sight", ["deuteranopia", "achromatopsia"])
def test_every_state_has_its_own_form(
    open_desk: Open, served: Served, tmp_path: Path, sight: str
) -> None:
    desk = open_desk(size={"width": 1920, "height": 950})
    page = desk.page
    page.emulate_media(reduced_motion="reduce")  # what blinks stands still
    made = served.call(every_form, served.live)
    for incident in made.values():
        desk.sees(f"#row-{incident}")
    other = served.call(served.live.report, "board-09")  # the chosen row has a frame of its own
    desk.page.locator(f"#row-{other}").click()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setEmulatedVisionDeficiency", {"type": sight})
    page.screenshot(path=tmp_path / f"{sight}.png")
    pictures = {form: picture(page, f"#row-{made[form]}", (52, 38), 1) for form in FORMS}
    assert alike(page.context.new_page(), pictures) == []


@pytest.fixture
def colourless(open_desk: Open, served: Served) -> Forms:
    """A desk with each form and each level."""
    desk = open_desk(size={"width": 1920, "height": 1600})
    desk.page.emulate_media(reduced_motion="reduce")
    live = served.live
    made = served.call(every_form, live)
    levels = [served.call(live.report, f"board-{n:02d}") for n in range(10, 15)]
    for level, incident in enumerate(levels):
        served.call(live.act_as, "张伟", "grade", incident, level=level)
    other = served.call(live.report, "board-09")
    for incident in (*made.values(), *levels, other):
        desk.sees(f"#row-{incident}")
    desk.page.locator(f"#row-{other}").click()
    return Forms(desk.page, made, levels)


def without_one() -> Iterator[tuple[str, str]]:
    """Styles that take one form away, and what is then told by colour alone."""
    gone = "{ visibility: hidden !important }"
    for state in ("untaken", "taken", "closed"):
        yield f".row.{state}:not(.working) .glyph {gone}", f"glyph nothing {state}"
        yield f".row.{state}:not(.working) .state {gone}", f"word {state}"
    yield f".row.working .glyph {gone}", "glyph nothing working"
    for kind in ("duress", "abnormal", "drill", "test"):
        yield f".row.{kind} .kind {gone}", f"word {kind}"
    yield ".row.duress { border: 3px solid !important }", "frame alarm duress"
    yield ".row.abnormal { border-radius: 0 !important }", "frame alarm abnormal"
    yield ".row.drill { background-image: none !important }", "frame alarm drill"
    yield ".row.test { border-style: solid !important }", "frame alarm test"
    yield f".level-3 {gone}", "numeral III"
    yield f".chip {gone}", "word of a chip"


def test_no_state_is_told_by_colour_alone_and_each_form_taken_away_is_found(
    colourless: Forms,
) -> None:
    assert colourless.findings() == []
    unfound = [
        (style, found)
        for style, found in without_one()
        if found not in colourless.findings(found.split()[0], style)
    ]
    assert unfound == []


STATIC = Path(simulator.__file__).parent / "static"


def plate() -> tuple[str, str]:
    """-> (markup of a plate's lamps, the style of the page)."""
    found = re.search(r'<div class="lamps">.*?</div>', (STATIC / "demo.html").read_text(), re.S)
    assert found
    markup = re.sub(r'<i class="lamp led".*?</i>', "", found[0])  # the one LED has rhythms only
    return markup, "".join((STATIC / name).read_text() for name in ("street.css", "demo.css"))


def test_a_plates_lamps_have_each_a_sign_and_a_word(browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    markup, style = plate()
    assert forms.lamps(page, markup, style) == []
    for sign in "▲■●✕":
        assert any(
            "nothing" in pair for pair in forms.lamps(page, markup.replace(sign, ""), style)
        )
    words = re.findall(r"lamps: \{ (.+?) \}", (STATIC / "words.js").read_text("utf-8"))
    assert len(words) == 2
    for each in words:
        told = dict(re.findall(r'(\w+): "([^"]+)"', each))
        lit = [told[name] for name in re.findall(r'data-word="(\w+)"', markup)]
        assert len(lit) == 4 and len(set(lit)) == 4
    context.close()
