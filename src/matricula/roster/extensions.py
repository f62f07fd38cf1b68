"""Extension columns: what a school's system adds to a table beside OneRoster's own columns.

Both CSV bindings (1.1 and 1.2) let a sender add columns whose names start with `metadata.`; schools keep house, form,
tutor group and the like there. They are text, and no binding says what they mean.
"""

import re
from collections.abc import Iterable

from matricula.roster.tables import Table

METADATA = "metadata."
"""The names of extension columns start so."""

EXTENDED_TABLES = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments")
"""The tables whose extension columns are read; those of roles are not."""

_NAME = re.compile(r"metadata\.[\w.-]+")
# A secretary and a secretariat are no secrets.
_SECRET = re.compile(
    r"pass[._-]?(?:word|wort|phrase|code|wd)|kennwort|pwd|secret(?!ar[iy])|(?:^|[._-])pin(?:$|[._-])",
    re.IGNORECASE,
)


def is_extension_name(name: str) -> bool:
    """Whether the name is `metadata.` and then letters, digits, `_`, `-` and `.` alone."""
    return _NAME.fullmatch(name) is not None


def extensions_of(table: Table, names: Iterable[str]) -> tuple[str, ...]:
    """The extension columns among the names that are read.

    Args:
        table: the table that has the columns.
        names: names of columns, of any kind.

    Returns:
        those that are extension columns of such a table, in the order given; columns whose names speak of a password,
        a PIN or a secret are never among them.
    """
    if table.name not in EXTENDED_TABLES:
        return ()
    return tuple(name for name in names if is_extension_name(name) and not _SECRET.search(name))
