"""Publishing: a profile's courses, enrolments and people as tables for Moodle's External database plugins."""

from matricula.publishing.address import PREFIX, Address, read_address
from matricula.publishing.drafting import draft_publication
from matricula.publishing.rules import RULES
from matricula.publishing.tables import Publication, Tables, opened

__all__ = [
    "PREFIX",
    "RULES",
    "Address",
    "Publication",
    "Tables",
    "draft_publication",
    "opened",
    "read_address",
]
