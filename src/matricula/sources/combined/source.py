"""Two sources in one: people from one, such as a directory, and classes from another."""

from matricula.roster import TABLES, Delivery, FindingBook, Marker
from matricula.sources.combined.join import Joining
from matricula.sources.combined.places import JoiningPlaces
from matricula.sources.combined.settings import CombinedSettings
from matricula.sources.combined.sides import Side, side_of
from matricula.sources.protocol import Surroundings

_OF_PEOPLE = ("users", "roles", "orgs", "")
"""Tables of the source of people whose findings concern the whole."""


class Combined:
    """A source made of two others.

    Args:
        settings: which ones, and how they are joined.
        surroundings: reads the others.
    """

    Settings = CombinedSettings

    def __init__(self, settings: CombinedSettings, surroundings: Surroundings) -> None:
        self.settings = settings
        self._surroundings = surroundings

    def deliver(self, _: Marker | None = None) -> Delivery:
        """Read both and join them; parameters, result and errors as `Source.deliver` has them."""
        keys = self.settings.keys
        courses = self._side(self.settings.courses, keys.courses)
        people = self._side(self.settings.people, keys.people)
        found = [*courses.findings, *(each for each in people.findings if each.table in _OF_PEOPLE)]
        book = FindingBook(found)
        work = Joining if "users" in courses.drafts else JoiningPlaces
        drafts, note = work(self.settings, people, courses, book).drafts()
        origin = f"{people.name} and {courses.name}"
        ordered = {name: drafts[name] for name in TABLES if name in drafts}
        return Delivery(ordered, "1.2", origin, book, notes=(note, *people.notes, *courses.notes))

    def _side(self, name: str, key: str) -> Side:
        return side_of(name, self._surroundings.delivery_of(name), key)
