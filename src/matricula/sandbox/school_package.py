"""An invented school written as a OneRoster CSV package, in the column order of the binding."""

import csv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from matricula.sandbox.school_records import YEAR_GROUPS, Person

if TYPE_CHECKING:
    from matricula.sandbox.school import School

Version = Literal["1.1", "1.2"]
Row = Iterable[str]

_COLUMNS_OF_BOTH = {
    "academicSessions": "title type startDate endDate parentSourcedId schoolYear",
    "classes": "title grades courseSourcedId classCode classType location schoolSourcedId termSourcedIds "
    "subjects subjectCodes periods",
    "courses": "schoolYearSourcedId title courseCode grades orgSourcedId subjects subjectCodes",
    "enrollments": "classSourcedId schoolSourcedId userSourcedId role primary beginDate endDate",
    "orgs": "name type identifier parentSourcedId",
}
COLUMNS: dict[Version, dict[str, str]] = {
    "1.1": {
        **_COLUMNS_OF_BOTH,
        "users": "enabledUser orgSourcedIds role username userIds givenName familyName middleName identifier "
        "email sms phone agentSourcedIds grades password",
    },
    "1.2": {
        **_COLUMNS_OF_BOTH,
        "roles": "userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId",
        "users": "enabledUser username userIds givenName familyName middleName identifier email sms phone "
        "agentSourcedIds grades password userMasterIdentifier preferredGivenName preferredMiddleName "
        "preferredFamilyName primaryOrgSourcedId pronouns",
    },
}
_ABSENT_FROM_BOTH = "categories classResources courseResources demographics lineItems resources results"
ABSENT: dict[Version, str] = {
    "1.1": _ABSENT_FROM_BOTH,
    "1.2": f"{_ABSENT_FROM_BOTH} lineItemLearningObjectiveIds lineItemScoreScales "
    "resultLearningObjectiveIds resultScoreScales scoreScales userProfiles userResources",
}
ROLES_OF_1_2 = {"administrator": "siteAdministrator"}
# Status and dateLastModified stay blank in a bulk file.
BULK = ("", "")
DISTRICT = "org-district"
SCHOOL = "org-school"


def write_package(school: "School", folder: Path, version: Version) -> None:
    """Write a complete (bulk) package; data files of an older package in the folder are removed.

    Args:
        school: what to write.
        folder: made where it is missing.
        version: of OneRoster: CSV Binding 1.1, or 1.2.1 which calls itself 1.2.

    Raises:
        ValueError: the version is another one.
    """
    if version not in COLUMNS:
        raise ValueError(f"OneRoster {version} is not known: write version 1.1 or 1.2.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in [*ABSENT[version].split(), "roles"]:
        (folder / f"{name}.csv").unlink(missing_ok=True)
    for name, columns in COLUMNS[version].items():
        header = ("sourcedId", "status", "dateLastModified", *columns.split())
        _write(folder / f"{name}.csv", header, ROWS[version][name](school))
    _write(folder / "manifest.csv", ("propertyName", "value"), _manifest(school, version))


def _write(path: Path, header: Row, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _manifest(school: "School", version: Version) -> Iterator[Row]:
    yield "manifest.version", "1.0"
    yield "oneroster.version", version
    absent = ABSENT[version].split()
    for name in sorted([*COLUMNS[version], *absent]):
        yield f"file.{name}", "absent" if name in absent else "bulk"
    yield "source.systemName", f"{school.NAME} school office"
    yield "source.systemCode", "riverside"


def _sessions(school: "School") -> Iterator[Row]:
    first, last = school.year, school.year + 1
    whole = f"ses-{first}"
    terms = (
        ("Autumn Term", f"{first}-09-01", f"{first}-12-18"),
        ("Spring Term", f"{last}-01-04", f"{last}-03-26"),
        ("Summer Term", f"{last}-04-12", f"{last}-07-16"),
    )
    # OneRoster names a school year by the year in which it ends.
    yield whole, *BULK, f"{first}/{last % 100:02}", "schoolYear", terms[0][1], terms[-1][2], "", str(last)
    for number, (title, start, end) in enumerate(terms, 1):
        name = f"{title} {first}/{last % 100:02}"
        yield f"{whole}-t{number}", *BULK, name, "term", start, end, whole, str(last)


def _orgs(school: "School") -> Iterator[Row]:
    yield DISTRICT, *BULK, school.DISTRICT_NAME, "district", "LEA-330", ""
    yield SCHOOL, *BULK, school.NAME, "school", "330-4012", DISTRICT


def _courses(school: "School") -> Iterator[Row]:
    year = f"ses-{school.year}"
    for each in school.courses:
        grades = _grades(each.year_group)
        yield each.sourced_id, *BULK, year, each.title, each.code, grades, SCHOOL, each.subject, ""


def _classes(school: "School") -> Iterator[Row]:
    for each in school.classes:
        terms = ",".join(f"ses-{school.year}-t{term}" for term in each.terms)
        grades = _grades(each.course.year_group)
        yield (
            *(each.sourced_id, *BULK, each.title, grades, each.course.sourced_id, each.code, each.kind),
            *(each.room, SCHOOL, terms, each.course.subject, "", ""),
        )


def _users_1_1(school: "School") -> Iterator[Row]:
    for who in school.people():
        yield (
            *(who.sourced_id, *BULK, "true", SCHOOL, who.role, who.username, "", who.given, who.family),
            *("", who.identifier, who.email, "", "", ",".join(who.agents), _own_grade(who), ""),
        )


def _users_1_2(school: "School") -> Iterator[Row]:
    for who in school.people():
        yield (
            *(who.sourced_id, *BULK, "true", who.username, "", who.given, who.family, "", who.identifier),
            *(who.email, "", "", ",".join(who.agents), _own_grade(who), "", "", "", "", "", SCHOOL, ""),
        )


def _roles(school: "School") -> Iterator[Row]:
    for who in school.people():
        role = ROLES_OF_1_2.get(who.role, who.role)
        yield f"rol-{who.sourced_id}", *BULK, who.sourced_id, "primary", role, "", "", SCHOOL, ""


def _enrollments(school: "School") -> Iterator[Row]:
    for each in school.classes:
        stem = f"enr-{each.sourced_id}-"
        middle = (*BULK, each.sourced_id, SCHOOL)
        for number, who in enumerate(each.teachers):
            yield stem + who, *middle, who, "teacher", "false" if number else "true", "", ""
        for who in each.students:
            yield stem + who, *middle, who, "student", "", "", ""


def _own_grade(who: Person) -> str:
    return _grades(who.year_group) if who.role == "student" else ""


def _grades(year_group: int) -> str:
    return ",".join(f"{year:02}" for year in ((year_group,) if year_group else YEAR_GROUPS))


_ROWS_OF_BOTH: dict[str, Callable[["School"], Iterator[Row]]] = {
    "academicSessions": _sessions,
    "classes": _classes,
    "courses": _courses,
    "enrollments": _enrollments,
    "orgs": _orgs,
}
ROWS: dict[Version, dict[str, Callable[["School"], Iterator[Row]]]] = {
    "1.1": {**_ROWS_OF_BOTH, "users": _users_1_1},
    "1.2": {**_ROWS_OF_BOTH, "users": _users_1_2, "roles": _roles},
}
