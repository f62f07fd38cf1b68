"""What makes an imported school the source of its Moodle: a source, a profile, and who is who from the first plan."""

import io
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml import YAML

from matricula.errors import SettingError, UsageError
from matricula.hub.deliveries import Reader, Say, silent
from matricula.hub.home import Home
from matricula.hub.importing import ImportShown
from matricula.importing import Record, School
from matricula.importing.people import IDNUMBER, STUDENT
from matricula.profiles import desire
from matricula.profiles.class_frame import path_step
from matricula.profiles.enrolment_frame import SEPARATOR
from matricula.store import LedgerRow

_Ids = Mapping[str, Callable[[str], int | None]]
"""For each kind what gives the Moodle id of a record by its key; None for one that is unknown."""
_KINDS: Final = ("category", "user", "course", "enrolment")
#: Properties of people in which the columns of OneRoster come back.
_OF_ROSTER: Final[Mapping[str, str]] = {"grades": "grade", "userMasterIdentifier": "masterIdentifier"}
#: Those that the preset of openSIS tells.
_OF_OPENSIS: Final[Mapping[str, str]] = {
    "grades": "grade",
    "middleName": "middleName",
    "preferredGivenName": "metadata.commonName",
    "identifier": "identifier",
}


@dataclass(frozen=True)
class ImportProfile:
    """What was made.

    Args:
        profile: name of the profile.
        source: name of its source.
        made: which of the two are new; a document that was there is left as it is.
        entered: records by kind of which the ledger now knows which record of the site they are.
    """

    profile: str
    source: str
    made: tuple[str, ...]
    entered: Mapping[str, int]


def make_import_profile(
    home: Home, shown: ImportShown, name: str, password: str = "", say: Say = silent
) -> ImportProfile:
    """Make a source of what an import wrote and a profile that leads it back to its site, and tell who is who.

    The import knows which record came from which, so that nothing has to be matched: the first plan is empty.

    Args:
        home: the home.
        shown: the import, which was written.
        name: the profile's name, and its source's.
        password: of the database, kept for the source where one was given.
        say: told in words what is being done.

    Raises:
        UsageError: the profile is of another site.
        SettingError: the categories are not taken, without which nobody could say where courses stand.
        MatriculaError: what was written cannot be read.
    """
    settings, school = shown.settings, shown.school
    if settings.categories == "none":
        raise SettingError(
            "A profile needs to know which course stands in which category.",
            where=f"import {settings.name}, categories",
            remedy="Set it to `departments`, import again, then make the profile.",
            code="import-profile-categories",
        )
    if name in home.names("profile") and home.profile(name).site != settings.site:
        raise UsageError(
            f"The profile {name} is of another site.",
            where=f"profile {name}",
            remedy="Give the new profile a name that none has.",
            code="import-profile-taken",
        )
    source, profile = _documents(shown, name, home.site(settings.site).roles, password=bool(password))
    made = tuple(each["kind"] for each in (source, profile) if name not in home.names(each["kind"]))
    with home.store.begin():
        if made:
            home.load(_yaml(*(each for each in (source, profile) if each["kind"] in made)), name, home.folder)
        if password and "source" in made:
            home.store.secrets.put(f"source:{name}:password", home.vault.encrypt(password))
    ids = _ids_of_package(school) if shown.is_package else _ids_of_opensis(home, shown)
    entered = _enter(home, name, ids, say)
    return ImportProfile(name, home.profile(name).source, made, entered)


def _enter(home: Home, name: str, ids: _Ids, say: Say) -> dict[str, int]:
    """Enter into the ledger which record is which, as if each had been matched; what it holds stays."""
    profile = home.profile(name)
    say("reading what was imported")
    desired = desire(Reader(home, say).read(profile.source), profile)
    rows = []
    for kind in _KINDS:
        held = set(home.store.ledger.frame(name, kind)["key"])
        for key, fields in desired.parts[kind].frame.select("key", "fields").iter_rows():
            number = ids[kind](key)
            if key not in held and number is not None:
                rows.append(LedgerRow(kind, key, None if kind == "enrolment" else number, "matched", fields))
    home.store.ledger.upsert(None, name, rows)
    return dict(Counter(row.kind for row in rows))


def _ids_of_package(school: School) -> _Ids:
    people = {each.key: int(each.moodle_id) for each in school.there("person")}
    courses = {each.key: int(each.moodle_id) for each in school.there("course")}
    categories = {f"stream:{path_step(each.key)}": int(each.moodle_id) for each in school.there("category")}
    places = {f"{each.body['person']}{SEPARATOR}{each.body['course']}": 0 for each in school.there("enrolment")}
    return {"category": categories.get, "user": people.get, "course": courses.get, "enrolment": places.get}


def _ids_of_opensis(home: Home, shown: ImportShown) -> _Ids:
    school = shown.school
    numbers: dict[str, dict[str, str]] = {table: {} for table in ("students", "staff", "course_periods")}
    for row in home.store.imported.rows(shown.settings.name):
        table, _, place = row.kind.partition("@")
        if place == shown.to and table in numbers:
            numbers[table][row.moodle_id] = row.key
    persons = {each.key: key for each in school.there("person") if (key := _person_key(each, numbers))}
    sections = {
        each.key: f"section-{number}"
        for each in school.there("course")
        if (number := numbers["course_periods"].get(f"{each.moodle_id}:{school.year.first.year}"))
    }
    people = {persons[each.key]: int(each.moodle_id) for each in school.there("person") if each.key in persons}
    courses = {sections[each.key]: int(each.moodle_id) for each in school.there("course") if each.key in sections}
    places = {
        f"{persons[each.body['person']]}{SEPARATOR}{sections[each.body['course']]}": 0
        for each in school.there("enrolment")
        if each.body["person"] in persons and each.body["course"] in sections
    }
    main = _main_category(school)
    return {"category": lambda _: main, "user": people.get, "course": courses.get, "enrolment": places.get}


def _person_key(person: Record, numbers: Mapping[str, Mapping[str, str]]) -> str:
    """The key that the preset of openSIS gives somebody; empty for one who is not there."""
    table, word = ("students", "student") if person.body["role"] == STUDENT else ("staff", "staff")
    number = numbers[table].get(person.moodle_id)
    return f"{word}-{number}" if number else ""


def _main_category(school: School) -> int | None:
    """The category in which most courses of the year stand: openSIS has none, and new courses go there."""
    by_key = school.by_key("category")
    used = Counter(each.body["category"] for each in school.of("course") if int(each.body["year"]) == school.year.ends)
    most = [key for key, _ in used.most_common() if key in by_key]
    return int(by_key[most[0]].moodle_id) if most else None


def _documents(
    shown: ImportShown, name: str, roles: Mapping[str, int], *, password: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    settings, school = shown.settings, shown.school
    source: dict[str, Any] = {"kind": "source", "name": name}
    if shown.is_package:
        source |= {"type": "oneroster-csv", "path": shown.to}
    else:
        parameters: dict[str, Any] = {"year": school.year.first.year}
        parameters |= {"school": settings.opensis_school} if settings.opensis_school else {}
        source |= {"type": "sql", "url": shown.to, "preset": "opensis", "parameters": parameters}
        source |= {} if password else {"passwordless": True}
    fields: dict[str, Any] = {"firstname": "{person.givenName}", "lastname": "{person.familyName}"}
    own = any(field.to == "identifier" for field in settings.fields) and shown.is_package
    fields["idnumber"] = f"{{person.{IDNUMBER}}}" if own else "{person.identifier}"
    custom = {field.moodle: f"{{person.{word}}}" for field in settings.fields if (word := _property(field.to, shown))}
    given = {"student": settings.students[0], "teacher": settings.teachers[0]}
    profile: dict[str, Any] = {
        "kind": "profile",
        "name": name,
        "source": name,
        "site": settings.site,
        "period": str(school.year.ends),
        "timezone": settings.timezone,
        "users": {"match": ["username", "idnumber"], "fields": fields} | ({"profile_fields": custom} if custom else {}),
        "categories": {"levels": [_level(shown)]},
        "courses": {
            "match": "shortname",
            "fields": {"fullname": "{group.title}", "shortname": "{group.code}", "startdate": None, "enddate": None},
        },
        "drift": _drift(shown),
    }
    if all(role in roles for role in given.values()):
        profile["enrolments"] = {"roles": given}
    return source, profile


def _property(to: str, shown: ImportShown) -> str:
    """The property of a person in which a field comes back; empty where it does not."""
    if not shown.is_package:
        return _OF_OPENSIS.get(to, "")
    return "" if to.partition(".")[0] in ("students", "staff") else _OF_ROSTER.get(to, to)


def _level(shown: ImportShown) -> dict[str, Any]:
    if shown.is_package:
        return {"level": "stream", "idnumber": "{stream.code}"}
    return {"level": "institute", "match": "name"}


def _drift(shown: ImportShown) -> dict[str, Any]:
    """What the site has otherwise than the school's system could say: it is right as it is."""
    if shown.is_package:
        return {"category": {"idnumber": "accept", "parent": "accept"}}
    accepted = {"category": {"name": "accept", "idnumber": "accept", "parent": "accept"}}
    return accepted | {"course": {"category": "accept"}}


def _yaml(*documents: Mapping[str, Any]) -> str:
    text = io.StringIO()
    YAML().dump_all(documents, text)
    return text.getvalue()
