"""Which columns the files of each OneRoster version have, under which names, in which order.

Versions 1.1 and 1.2 have the columns of `matricula.roster.tables`. Version 1.0 (IMS OneRoster: CSV Tables 1.0, 3 June
2015) has no manifest and fewer columns, some under other names; its rows are read as rows of 1.1.
"""

from collections.abc import Callable, Mapping

from matricula.errors import StopError
from matricula.roster import FindingBook
from matricula.roster.tables import Column, Table
from matricula.sources.rows import find_header, split_lines
from matricula.sources.text import clean_text

OLDEST = "1.0"
_HEAD = 65_536
"""A header stands within so many bytes."""
_FIRST_OF_1_0 = {
    "orgs": "sourcedId status dateLastModified name type identifier parentSourcedId",
    "academicSessions": "sourcedId status dateLastModified title type startDate endDate parentSourcedId",
    "courses": "sourcedId status dateLastModified schoolYearId title courseCode grade orgSourcedId subjects",
    "classes": "sourcedId status dateLastModified title grade courseSourcedId classCode classType location "
    "schoolSourcedId termSourcedId subjects",
    "users": "sourcedId status dateLastModified orgSourcedIds role username userId givenName familyName identifier "
    "email sms phone agents",
    "enrollments": "sourcedId classSourcedId schoolSourcedId userSourcedId role status dateLastModified primary",
}
_RENAMED_IN_1_1 = {
    "schoolYearId": "schoolYearSourcedId",
    "grade": "grades",
    "termSourcedId": "termSourcedIds",
    "userId": "userIds",
    "agents": "agentSourcedIds",
}
# Columns by whose names, without regard to capitals, a file tells its version.
_OF_1_0_ALONE = {"users.csv": {"userid", "agents"}, "classes.csv": {"termsourcedid"}, "courses.csv": {"schoolyearid"}}
_SINCE_1_1 = {"enableduser", "userids", "agentsourcedids", "termsourcedids", "schoolyearsourcedid", "grades"}


def columns_of(table: Table, version: str) -> dict[str, Column]:
    """The columns of a file in the version's order, by the names that stand in its header.

    Args:
        table: what the file holds.
        version: `1.0`, `1.1` or `1.2`.
    """
    if version != OLDEST:
        return {column.name: column for column in table.of(version)}
    named = {column.name: column for column in table.of("1.1")}
    return {name: named[_RENAMED_IN_1_1.get(name, name)] for name in _FIRST_OF_1_0[table.name].split()}


def version_of(files: Mapping[str, str], read: Callable[[str], bytes]) -> str:
    """Tell the version of a delivery from which files there are and from their headers.

    Args:
        files: names as written, by the standard's names (`users.csv`).
        read: gives the bytes of a file by its name as written.
    """
    if "roles.csv" in files:
        return "1.2"
    headers = {name: _header(read(files[name])) for name in _OF_1_0_ALONE if name in files}
    if any(
        headers[name] & old and not headers[name] & _SINCE_1_1 for name, old in _OF_1_0_ALONE.items() if name in headers
    ):
        return OLDEST
    users = headers.get("users.csv")
    return "1.2" if users and "role" not in users else "1.1"


def _header(data: bytes) -> set[str]:
    """Names of the columns in small letters; none where the file cannot be read, which reading it will tell."""
    try:
        header = find_header(split_lines(clean_text(data[:_HEAD], "", "", FindingBook())))
    except StopError:
        return set()
    return {name.casefold() for name in header.names} if header else set()
