"""Chromium, a running house, and pages that note every request and every error."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

from tests.desk.fixture import PASSWORD, Served

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SMALL = {"width": 1366, "height": 640}  # what a browser leaves of 1366x768
LARGE = {"width": 1920, "height": 950}

Open = Callable[..., "Desk"]


class Desk:
    """One officer's page. `went`: every address it asked for; `wrong`: what its console said."""

    def __init__(self, page: Page, served: Served) -> None:
        self.page = page
        self.served = served
        self.went: list[str] = []
        self.wrong: list[str] = []
        page.on("request", lambda request: self.went.append(request.url))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on(
            "console",
            lambda said: self.wrong.append(said.text) if said.type == "error" else None,
        )

    def login(self, user: str) -> None:
        """By keyboard alone; the space bar turns the sound on."""
        self.page.goto(self.served.address + "/")
        self.sees("#user:focus")
        for text in (user, PASSWORD):
            self.page.keyboard.type(text)
            self.page.keyboard.press("Tab" if text == user else "Enter")
        self.page.wait_for_selector("body.desk")
        self.ready()
        self.press(" ")
        self.wait("document.querySelector('#sound-off').hidden")

    def ready(self) -> None:
        """The page's script runs and hears keys: it has said how the sound stands."""
        self.wait("document.querySelector('#sound').textContent !== ''")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def wait(self, expression: str, timeout: float = 10_000) -> None:
        """Asked from outside: the page's own policy forbids it to evaluate a text."""
        end = time.monotonic() + timeout / 1000
        while not self._holds(expression):
            assert time.monotonic() < end, expression
            self.page.wait_for_timeout(50)

    def _holds(self, expression: str) -> bool:
        try:
            return bool(self.page.evaluate(expression))
        except Error as error:
            if "navigation" in str(error):  # the page goes elsewhere: its next one is asked
                return False
            raise

    def sees(self, selector: str, text: str = "", timeout: float = 10_000) -> None:
        self.page.locator(selector, has_text=text).first.wait_for(timeout=timeout)

    def state(self, incident: str) -> str:
        return self.page.locator(f"#row-{incident}").get_attribute("data-state") or ""

    def chosen(self) -> str:
        return self.page.locator(".row[aria-current]").get_attribute("data-id") or ""

    def texts(self, selector: str) -> list[str]:
        return self.page.locator(selector).all_inner_texts()

    def unattended(self) -> None:
        """As if nobody had touched the page for longer than the lists wait."""
        self.page.wait_for_timeout(10_600)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Its loop runs in this thread until the folder ends; others then run loops of their own."""
    if CHROMIUM is None:
        pytest.skip("no chromium: apt install chromium")
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    house = Served(tmp_path)
    yield house
    house.close()


@pytest.fixture
def open_desk(browser: Browser, served: Served) -> Iterator[Open]:
    """-> a page at the desk of `user`, logged in."""
    contexts = []

    def open_one(
        user: str = "zhangwei", locale: str = "zh-CN", size: dict[str, int] = SMALL
    ) -> Desk:
        context = browser.new_context(viewport=size, locale=locale)  # type: ignore[arg-type]
        contexts.append(context)
        desk = Desk(context.new_page(), served)
        desk.login(user)
        return desk

    yield open_one
    for context in contexts:
        context.close()
