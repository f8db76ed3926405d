"""What tells states apart once every colour is taken away: shapes, frames and words, each by
itself. `findings` names what then would be told by colour alone."""

import base64
import itertools
from collections.abc import Callable, Iterable
from typing import Any

from playwright.sync_api import Page

LEAST = 0.02  # of the pixels in a picture differ clearly
STATES = ("untaken", "taken", "working", "closed")
KINDS = ("alarm", "duress", "abnormal", "drill", "test")
LEVELS = ("?", "I", "II", "III", "IV")
# one ink on one ground, no light and no movement; a hatch stays a hatch
NEUTRAL = """
*, *::before, *::after {
  color: #000 !important; background-color: #fff !important; border-color: #000 !important;
  box-shadow: none !important; text-shadow: none !important; outline: 0 !important;
  animation: none !important; opacity: 1 !important;
}
"""
# sheets made by script: a page's own policy has nothing to say about what a test puts on
PUT = """(sheets) => {
  document.adoptedStyleSheets = sheets.map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
}"""
INKED = """() => document.querySelectorAll(".row, .title").forEach((each) => {
  each.style.removeProperty("background-image");
  if (getComputedStyle(each).backgroundImage.includes("gradient")) {
    each.style.setProperty("background-image",
      "repeating-linear-gradient(45deg, #000 0 8px, #fff 8px 22px)", "important");
  }
})"""
CORNER = """(selector) => {
  const box = document.querySelector(selector).getBoundingClientRect();
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

Pictures = dict[str, str]


def picture(page: Page, selector: str, size: tuple[int, int], margin: int = 0) -> str:
    """The upper left corner of an element, as PNG in base64."""
    x, y = page.evaluate(CORNER, selector)
    clip = {"x": x - margin, "y": y - margin, "width": size[0], "height": size[1]}
    return base64.b64encode(page.screenshot(clip=clip)).decode()  # type: ignore[arg-type]


def alike(blank: Page, pictures: Pictures, least: float = LEAST) -> list[tuple[str, str]]:
    """The pairs that nobody could tell apart by brightness. `blank`: a page to compare them on."""
    return [
        pair
        for pair in itertools.combinations(pictures, 2)
        if blank.evaluate(DIFFERENCE, [pictures[each] for each in pair]) < least
    ]


class Forms:
    """A desk with one incident of each form. `made`: form -> incident, `levels`: of each level;
    `taken_away`: a style that takes a form away."""

    def __init__(self, page: Page, made: dict[str, str], levels: list[str]) -> None:
        self.page = page
        self.blank = page.context.new_page()
        self.made = made
        self.levels = levels

    def findings(self, form: str = "", taken_away: str = "") -> list[str]:
        """What is told by colour alone, as `<form> <of what>`; `form`: only of this one."""
        checks: dict[str, Callable[[str], Iterable[str]]] = {
            "glyph": self._glyphs,
            "frame": self._frames,
            "word": self._words,
            "numeral": self._levels,
        }
        wanted = [checks[form]] if form else checks.values()
        return [found for check in wanted for found in check(taken_away)]

    def _wear(self, *sheets: str) -> None:
        self.page.evaluate(PUT, list(sheets))
        self.page.evaluate(INKED)

    def _glyphs(self, taken_away: str) -> list[str]:
        """■ ▶ … ✓: each another, and none missing."""
        pictures: Pictures = {}
        self._wear(
            NEUTRAL, taken_away, ".row { visibility: hidden } .glyph { visibility: inherit }"
        )
        pictures["nothing"] = self._glyph("untaken")
        self._wear(
            NEUTRAL,
            ".row * { visibility: hidden } .row .glyph { visibility: visible }",
            taken_away,
        )
        pictures |= {state: self._glyph(state) for state in STATES}
        return [f"glyph {one} {other}" for one, other in alike(self.blank, pictures)]

    def _glyph(self, state: str) -> str:
        return picture(self.page, f"#row-{self.made[state]} .glyph", (24, 24))

    def _frames(self, taken_away: str) -> list[str]:
        """Solid, double, round, hatched, dashed: each another, in the corner without words."""
        self._wear(NEUTRAL, taken_away, ".row * { visibility: hidden }")
        pictures = {
            kind: picture(self.page, f"#row-{self._of(kind)}", (52, 38), 1) for kind in KINDS
        }
        return [f"frame {one} {other}" for one, other in alike(self.blank, pictures)]

    def _of(self, kind: str) -> str:
        return self.made["untaken" if kind == "alarm" else kind]

    def _words(self, taken_away: str) -> list[str]:
        """Each state and each kind has a word of its own; no chip is without."""
        self._wear(taken_away)
        states = {state: self._text(f"#row-{self.made[state]} .state") for state in STATES}
        # what is in hand names its person
        kinds = {kind: self._text(f"#row-{self._of(kind)} .kind") for kind in KINDS}
        found = [f"word {name}" for name, word in (states | kinds).items() if not word]
        states.pop("working")
        for words in (states, kinds):
            found += [
                f"word {one} {other}"
                for one, other in itertools.combinations(words, 2)
                if words[one] and words[one] == words[other]
            ]
        chips = self.page.locator(".chip")
        found += [
            "word of a chip"
            for n in range(chips.count())
            if not str(chips.nth(n).inner_text()).strip()
        ]
        return found

    def _text(self, selector: str) -> str:
        return str(self.page.locator(selector).inner_text()).strip()

    def _levels(self, taken_away: str) -> list[str]:
        """Roman numerals."""
        self._wear(taken_away)
        return [
            f"numeral {numeral}"
            for numeral, incident in zip(LEVELS, self.levels, strict=True)
            if self._text(f"#row-{incident} .level") != numeral
        ]


def lamps(page: Page, markup: str, style: str) -> list[str]:
    """A plate's lamps, all lit, without colour: the pairs that only colour tells apart."""
    page.set_content(f"<style>{style}</style>{markup}")
    names: Any = page.eval_on_selector_all(".lamp", "all => all.map((each) => each.dataset.lamp)")
    page.eval_on_selector_all(".lamp", "all => all.forEach((each) => each.dataset.pattern = 'on')")
    page.evaluate(PUT, [NEUTRAL])
    pictures = {name: picture(page, f'[data-lamp="{name}"]', (26, 19)) for name in names}
    page.evaluate(PUT, [NEUTRAL, ".lamp { font-size: 0 !important }"])
    pictures["nothing"] = picture(page, f'[data-lamp="{names[0]}"]', (26, 19))
    blank = page.context.new_page()
    return [f"{one} {other}" for one, other in alike(blank, pictures)]
