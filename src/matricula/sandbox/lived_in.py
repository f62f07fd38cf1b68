"""The fixture "school": a site that people have worked on by hand for a while.

Nothing in it follows one rule: some accounts have numbers and some have none, old years lie beside the
new one, courses were made by teachers, and somebody left without being removed. It is what a
synchroniser meets on its first day, and must not harm.
"""

import random
from collections.abc import Sequence

from matricula.sandbox.functions.categories import arrange
from matricula.sandbox.functions.course_state import add_course, arrange_courses, ensure_forum
from matricula.sandbox.functions.enrolment_state import enrol, manual_method
from matricula.sandbox.state import Row, State

_FIRST = (
    "Aroha", "Ben", "Chloe", "Daniel", "Ella", "Finn", "Grace", "Hemi", "Isla", "Jack", "Kiri", "Liam",
    "Mia", "Noah", "Olivia", "Priya", "Quinn", "Ruby", "Sam", "Tane",
)  # fmt: skip
_LAST = (
    "Anderson", "Brown", "Chen", "Davies", "Evans", "Faleolo", "Green", "Harris", "Iosefa", "Jones", "Kumar",
    "Lee", "Morgan", "Ngata", "O'Neill", "Patel", "Reid", "Smith", "Taylor", "Walker",
)  # fmt: skip
_TREE = (
    ("Junior School", "", ("Year 7", "Year 8")),
    ("Senior School", "SEN", ("Sciences", "Languages & Arts")),
    ("Archive", "", ("2024", "2025")),
    ("Staff room", "STAFF", ()),
)
_COURSES = (
    ("Year 7", "Mathematics 7 (Mr Reid)", "MAT7-REID", ""),
    ("Year 7", "English 7", "ENG7", "7ENG"),
    ("Year 8", "Science 8", "SCI8", "8SCI"),
    ("Year 8", "Te Reo Māori 8", "REO8", ""),
    ("Sciences", "Physics & Astronomy", "PHY", "PHY-1"),
    ("Sciences", "Chemistry", "CHE", ""),
    ("Languages & Arts", "French for beginners", "FRE", ""),
    ("2025", "Mathematics 7 (2025)", "MAT7-2025", ""),
    ("Staff room", "Staff handbook", "STAFFBOOK", ""),
    ("Category 1", "Chess club", "chess", ""),
)
_STUDENT, _TEACHER = 5, 3
_MONTH = 30 * 24 * 3600


def lived_in_school(state: State, *, seed: int = 7) -> None:
    """Fills a site; the same seed gives the same school.

    Parameters:
        state: the site; it has what every site has, and nothing else.
        seed: of the generator that draws names and enrolments.
    """
    draw = random.Random(seed)  # noqa: S311 — a fixture, not a secret
    state.run("UPDATE course SET fullname = 'Riverside College', shortname = 'riverside' WHERE id = 1")
    categories = _categories(state)
    teachers, students = _people(state, draw)
    for category, fullname, shortname, idnumber in _COURSES:
        course = _course(state, categories[category], fullname, shortname, idnumber)
        _enrolments(state, draw, course, teachers, students)
    for key in categories.values():
        arrange_courses(state, key)


def _categories(state: State) -> dict[str, int]:
    found = {"Category 1": 1}
    place = 1
    for name, idnumber, children in _TREE:
        place += 1
        key = _category(state, name, idnumber, 0, place)
        found[name] = key
        for child in children:
            place += 1
            found[child] = _category(state, child, "", key, place)
    arrange(state)
    return found


def _category(state: State, name: str, idnumber: str, parent: int, place: int) -> int:
    return state.insert(
        "course_categories", name=name, idnumber=idnumber or None, parent=parent, place=place,
        timemodified=state.now(),
    )  # fmt: skip


def _people(state: State, draw: random.Random) -> tuple[list[int], list[int]]:
    names = [(first, last) for first in _FIRST for last in _LAST]
    chosen = draw.sample(names, 40)
    keys = [_person(state, draw, number, *name) for number, name in enumerate(chosen)]
    state.update("user", keys[-1], suspended=1)
    return keys[:8], keys[8:]


def _person(state: State, draw: random.Random, number: int, first: str, last: str) -> int:
    plain = last.lower().replace("'", "")
    teacher = number < 8
    username = f"{first[0].lower()}.{plain}" if teacher else f"{first.lower()}{plain[0]}{number}"
    numbered = teacher or draw.random() < 0.6
    return state.insert(
        "user", username=username, firstname=first, lastname=last,
        email=f"{first.lower()}.{plain}@riverside.example",
        idnumber=(f"T{100 + number}" if teacher else f"{26000 + number}") if numbered else "",
        department="Teaching" if teacher else "", city="Nelson", country="NZ",
        lastaccess=state.now() - draw.randrange(_MONTH), timecreated=state.now() - 6 * _MONTH,
    )  # fmt: skip


def _course(state: State, category: int, fullname: str, shortname: str, idnumber: str) -> int:
    now = state.now()
    old = "2025" in shortname
    record: Row = {
        "category": category, "format": "topics", "fullname": fullname, "shortname": shortname, "idnumber": idnumber,
        "startdate": now - (12 if old else 3) * _MONTH, "enddate": 0, "visible": 0 if old else 1,
        "timecreated": now - 6 * _MONTH, "timemodified": now - _MONTH, "cacherev": now,
        "enablecompletion": 1, "showactivitydates": 1, "showcompletionconditions": 1,
    }  # fmt: skip
    key = add_course(state, record, {}, 4)
    ensure_forum(state, key)
    return key


def _enrolments(
    state: State, draw: random.Random, course: int, teachers: Sequence[int], students: Sequence[int]
) -> None:
    method = manual_method(state, course, enabled=True)
    if method is None:
        return
    for user in draw.sample(teachers, 2):
        enrol(state, method, user, role=_TEACHER)
    for user in draw.sample(students, 12):
        enrol(state, method, user, role=_STUDENT, status=1 if draw.random() < 0.1 else 0)
