"""People's words on the command line: Chinese where the locale is Chinese, else English."""

import os


class Sentence(Exception):
    """What is wrong, where, and how to mend it: for a person, who then gets exit code 2."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(words(chinese, english))
        self.both = (chinese, english)


def words(chinese: str, english: str) -> str:
    """The one that `LC_ALL`, `LC_MESSAGES` or `LANG`, the first that is set, asks for."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((os.environ[name] for name in names if os.environ.get(name)), "")
    return chinese if locale.startswith("zh") else english
