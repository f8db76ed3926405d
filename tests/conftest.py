"""What holds for every room's tests: long runs, and when a skipped test is a failure."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all", action="store_true", help="the long runs too, and a skipped test is a failure"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Playwright's loop runs in this thread from its first test to the end of the session, and
    # no test may run a loop of its own meanwhile: browsers come last
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    if config.getoption("--all"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped") if reporter else None
    if skipped and session.config.getoption("--all") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
