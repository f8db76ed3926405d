"""States are told apart by form: also by who sees no red and green, and in grey."""

import base64
import itertools
from pathlib import Path

import pytest

from tests.browser.conftest import Open
from tests.browser.test_duty import open_drill
from tests.desk.fixture import Live, Served

pytestmark = pytest.mark.browser
FORMS = ("untaken", "taken", "working", "closed", "test", "drill", "duress", "abnormal")
LEAST = 0.02  # of the pixels in frame and glyph differ clearly
CORNER = """(id) => {
  const box = document.getElementById(id).getBoundingClientRect();
  return [box.left, box.top];
}"""
# two pictures -> the share of pixels whose brightness differs by more than a sixth
DIFFERENCE = """async ([one, other]) => {
  const pixels = async (picture) => {
    const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
    const map = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(map.width, map.height);
    const context = canvas.getContext("2d");
    context.drawImage(map, 0, 0);
    return context.getImageData(0, 0, map.width, map.height).data;
  };
  const [a, b] = [await pixels(one), await pixels(other)];
  const light = (data, at) => 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
  let different = 0;
  for (let at = 0; at < a.length; at += 4) {
    if (Math.abs(light(a, at) - light(b, at)) > 42) different += 1;
  }
  return different / (a.length / 4);
}"""


def every_form(live: Live) -> dict[str, str]:
    """One incident of each form, the frame and glyph of its row alike in all else."""
    made = {form: live.report(f"board-{n:02d}") for n, form in enumerate(FORMS[:4], 1)}
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
    pictures = {}
    for form, incident in made.items():
        x, y = page.evaluate(CORNER, f"row-{incident}")
        corner = {"x": x - 1, "y": y - 1, "width": 52, "height": 38}
        pictures[form] = base64.b64encode(page.screenshot(clip=corner)).decode()  # type: ignore[arg-type]
    blank = page.context.new_page()
    alike = [
        pair
        for pair in itertools.combinations(FORMS, 2)
        if blank.evaluate(DIFFERENCE, [pictures[each] for each in pair]) < LEAST
    ]
    assert alike == []


def test_levels_have_numerals(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    live = served.live
    for level in range(5):
        incident = served.call(live.report, f"board-{level + 1:02d}")
        served.call(live.act_as, "张伟", "grade", incident, level=level)
    desk.sees(".row .level-4")
    assert desk.texts("#first .level") == ["?", "I", "II", "III", "IV"]
