"""Which of a page's two languages, and the texts in it; the texts themselves are in `texts/`."""

from collections.abc import Callable

from hub.desk.texts import WORDS

LANGUAGES = ("zh", "en")


def teller(language: str) -> Callable[..., str]:
    """-> say(key, **blanks). KeyError for a key that the table does not have."""
    column = LANGUAGES.index(language)

    def say(key: str, /, **blanks: object) -> str:
        text = WORDS[key][column]
        return text.format(**blanks) if blanks else text

    return say


def for_script(language: str) -> dict[str, str]:
    """The `js.` texts, without the prefix."""
    say = teller(language)
    return {key[3:]: say(key) for key in WORDS if key.startswith("js.")}


def preferred(cookie: str | None, accept: str | None) -> str:
    """The switch decides; else the browser's first wish of the two; else Chinese."""
    if cookie in LANGUAGES:
        return cookie
    wishes = []
    for part in (accept or "").split(","):
        tag, _, quality = part.strip().partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        wishes.append((-weight, tag.strip().lower()[:2]))
    known = [tag for weight, tag in sorted(wishes, key=lambda w: w[0]) if tag in LANGUAGES]
    return known[0] if known else "zh"
