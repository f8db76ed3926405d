"""The district of a seed: two streets (街道) with an office each, sites, boards, pagers, people.

It is the registry that the hub asks, and what the checkers know of places and people.
"""

import random
from typing import Any, NamedTuple

STREETS = ("north", "south")
HOURS = ((0, 24), (22, 7), (0, 8), (8, 22))  # the world's clock stands between four and five
HOUR_MS, LOCAL_HOURS = 3_600_000, 8
FOUR_KEYS = ("alarm", "abnormal", "allwell", "confirm", "duress")
SMALL_KIT = ("alarm", "confirm", "duress")


class Place(NamedTuple):
    """Where a board hangs. `office`: a street's own duty room (街道值班室)."""

    site: str
    street: str
    office: bool


class Town:
    """`rings`: boards that are pagers; in some seeds there is none, and then nobody at night."""

    def __init__(self, names: list[str], rng: random.Random) -> None:
        self.names = names
        half = (len(names) + 1) // 2
        self.places: dict[str, Place] = {}
        for at, name in enumerate(names):
            street = STREETS[at >= half]
            first = names[0 if at < half else half]
            beside = at in (1, half + 1)  # a second board of the first site
            office = at in (half - 1, len(names) - 1)
            self.places[name] = Place(f"site-{first if beside else name}", street, office)
        offices = [name for name in names if self.places[name].office]
        elsewhere = names[half : half + 1]  # in no duty room: it rings for both streets
        self.rings = rng.choice(([], offices, offices[-1:], [*offices[:1], *elsewhere]))
        self.keys = {
            name: FOUR_KEYS if at % 3 == 0 else SMALL_KIT for at, name in enumerate(names)
        }
        self.entered = self._people(rng)
        self.facts = {
            name: {
                "site": place.site,
                "site_name": place.site,
                "street": place.street,
                "office": place.office,
                "simulated": True,
            }
            for name, place in self.places.items()
        }

    def _people(self, rng: random.Random) -> list[dict[str, Any]]:
        """Of the district and of each street, by hours, each with one to three ways."""
        found = []
        for number in range(rng.choice((0, 2, 4))):
            street = rng.choice(("", *STREETS))
            ways = [{"channel": "webhook", "address": f"http://gateway/{number}"}]
            own = [each for each in self.rings if street in ("", self.places[each].street)]
            if own and rng.random() < 0.5:
                ways.append({"channel": "pager", "address": rng.choice(own)})
            if rng.random() < 0.5:
                ways.append({"channel": "webhook", "address": f"http://home/{number}"})
            rng.shuffle(ways)
            start, end = rng.choice(HOURS)
            found.append(
                {
                    "id": f"person-{number}",
                    "name": f"person {number}",
                    "post": "",
                    "street": street,
                    "hours": [{"from": start, "until": end}],
                    "ways": ways,
                }
            )
        return found

    def rings_for(self, street: str) -> list[str]:
        """The pagers that ring for that street's incidents by themselves."""
        place = self.places
        return [
            each for each in self.rings if place[each].street == street or not place[each].office
        ]

    def boards_of(self, site: str) -> list[str]:
        return [name for name, place in self.places.items() if place.site == site]

    def sites(self) -> list[str]:
        return list(dict.fromkeys(place.site for place in self.places.values()))

    # --- what the hub asks ------------------------------------------------------------------

    def board(self, board: str) -> dict[str, Any] | None:
        return self.facts.get(board)

    def contact(self, site: str, wall: int) -> str:
        return "contact by night" if _hour(wall) < HOURS[2][1] else ""

    def contacts(self, site: str) -> list[dict[str, Any]]:
        return []

    def people(self, wall: int | None) -> list[dict[str, Any]]:
        if wall is None:
            return self.entered
        hour = _hour(wall)
        return [each for each in self.entered if _covers(each["hours"][0], hour)]

    def pagers(self) -> list[str]:
        return self.rings

    def streets(self) -> list[str]:
        return list(dict.fromkeys(place.street for place in self.places.values()))

    def boards(self) -> list[str]:
        return self.names

    def holds_real_board(self) -> bool:
        return False


def _hour(wall: int) -> int:
    return (wall // HOUR_MS + LOCAL_HOURS) % 24


def _covers(span: dict[str, int], hour: int) -> bool:
    start, end = span["from"], span["until"]
    return start <= hour < end if start < end else hour >= start or hour < end
