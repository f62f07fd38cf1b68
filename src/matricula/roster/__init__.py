"""The roster: its tables, its checks, its scope."""

from matricula.roster.build import build_roster
from matricula.roster.codes import CODES
from matricula.roster.delivery import Delivery, Marker, lay_over
from matricula.roster.draft import Draft
from matricula.roster.findings import DeliveryRefusedError, Finding, FindingBook
from matricula.roster.roster import Roster, Scope
from matricula.roster.tables import TABLES

__all__ = [
    "CODES",
    "TABLES",
    "Delivery",
    "DeliveryRefusedError",
    "Draft",
    "Finding",
    "FindingBook",
    "Marker",
    "Roster",
    "Scope",
    "build_roster",
    "lay_over",
]
