"""The first import: what a Moodle holds as a roster for the school."""

from matricula.importing.records import KINDS, ImportChange, Record, School, checksum
from matricula.importing.rules import RULES
from matricula.importing.school import school_of

__all__ = ["KINDS", "RULES", "ImportChange", "Record", "School", "checksum", "school_of"]
