"""An invented school, drawn by lot straight into a sandbox's state, with everything that is awkward to read."""

import random

from matricula.sandbox.access import COURSE, SITE, Place, assign_role, context_id
from matricula.sandbox.functions.categories import arrange
from matricula.sandbox.functions.course_state import add_course, arrange_courses
from matricula.sandbox.functions.enrolment_state import enrol, follow_cohort, own_method
from matricula.sandbox.state import State

TEXTS = ("", "0", "Ann", "Çelik & Söhne", "a < b", "Zoë  van ’t Hof", "x" * 60, "日本語", '"quoted"\\', "two\nlines")
FORMATS = ("topics", "weeks", "social", "nosuchformat")


class RandomSchool:
    """Draws records; the same seed draws the same school.

    Parameters:
        state: a fresh sandbox.
        seed: of the lot.
    """

    def __init__(self, state: State, seed: int) -> None:
        self.state = state
        self.lot = random.Random(seed)
        self.now = state.now()
        with state.lock, state.transaction():
            self._fields()
            self.users = [self._user(number) for number in range(self.lot.randint(3, 25))]
            self.categories = self._categories()
            self.courses = [self._course(number) for number in range(self.lot.randint(1, 8))]
            self.cohorts = [self._cohort(number) for number in range(self.lot.randint(0, 4))]
            for course in self.courses:
                self._people(course)
                self._groups(course)
            self._links()

    def _text(self) -> str:
        return self.lot.choice(TEXTS)

    def _some(self, of: list[int]) -> list[int]:
        return self.lot.sample(of, self.lot.randint(0, len(of)))

    def _fields(self) -> None:
        self.state.insert("course_field", shortname="term", name="Term")
        self.state.insert("course_field", shortname="level", name="Level", datatype="select", choices="Low\nHigh")

    def _user(self, number: int) -> int:
        lot = self.lot
        deleted = lot.random() < 0.1
        texts = (
            "institution",
            "department",
            "phone1",
            "phone2",
            "address",
            "city",
            "description",
            "theme",
            "interests",
        )
        key = self.state.insert(
            "user",
            username=f"gone{number}@x.{self.now}" if deleted else f"user{number}",
            email="0" * 31 + "a" if deleted else f"user{number}@school.example",
            firstname=self._text() or "A",
            lastname=self._text(),
            idnumber="" if deleted else lot.choice(["", "0", f"S-{number}", "S-shared"]),
            auth=lot.choice(["manual", "nologin"]),
            suspended=int(lot.random() < 0.2),
            confirmed=int(lot.random() < 0.9),
            deleted=int(deleted),
            country=lot.choice(["", "DE", "NL"]),
            lang=lot.choice(["en", "de"]),
            timezone=lot.choice(["99", "Europe/Berlin"]),
            mailformat=lot.choice([0, 1]),
            lastaccess=lot.choice([0, self.now - 1000]),
            **{name: self._text()[:20] for name in texts},
        )
        for field in (1, 2):
            if lot.random() < 0.5 and not deleted:
                self.state.run("INSERT INTO user_data VALUES (?, ?, ?)", key, field, self._text())
        return key

    def _categories(self) -> list[int]:
        found = [1]
        for number in range(self.lot.randint(0, 12)):
            found.append(
                self.state.insert(
                    "course_categories",
                    name=self._text() or "C",
                    idnumber=self.lot.choice([None, f"C-{number}"]),
                    description=self._text(),
                    parent=self.lot.choice([0, *found]),
                    visible=self.lot.choice([0, 1]),
                )
            )
        arrange(self.state)
        return found

    def _course(self, number: int) -> int:
        lot = self.lot
        record = {
            "category": lot.choice(self.categories),
            "shortname": f"C{number}",
            "fullname": self._text() or "Course",
            "idnumber": lot.choice(["", f"K-{number}"]),
            "summary": self._text(),
            "format": lot.choice(FORMATS),
            "visible": lot.choice([0, 1]),
            "startdate": lot.choice([0, self.now]),
            "enddate": lot.choice([0, self.now + 1000]),
            "lang": lot.choice(["", "de"]),
            "theme": lot.choice(["", "boost"]),
            "showgrades": lot.choice([0, 1]),
            "newsitems": lot.randint(0, 5),
            "maxbytes": lot.choice([0, 1000]),
            "groupmode": lot.randint(0, 2),
            "enablecompletion": lot.choice([0, 1]),
        }
        key = add_course(self.state, record, {"hiddensections": lot.choice([0, 1])}, lot.randint(0, 4))
        arrange_courses(self.state, record["category"])
        for field, value in ((1, self._text()), (2, lot.choice(["", "1", "2"]))):
            if lot.random() < 0.5:
                self.state.run("INSERT INTO course_data VALUES (?, ?, ?)", key, field, value)
        return key

    def _people(self, course: int) -> None:
        lot, state = self.lot, self.state
        own_method(state, course)
        for method in state.all("SELECT * FROM enrol WHERE courseid = ? AND enrol <> 'guest'", course):
            if lot.random() < 0.3:
                state.update("enrol", method["id"], status=lot.choice([0, 1]))
            for user in self._some(self._there()):
                enrol(
                    state,
                    state.record("enrol", method["id"]),
                    user,
                    role=lot.choice([0, 3, 4, 5]),
                    start=lot.choice([0, 0, self.now - 5000, self.now + 5000]),
                    end=lot.choice([0, 0, self.now - 5000, self.now + 5000]),
                    status=lot.choice([0, 0, 1]),
                )
                if lot.random() < 0.2:
                    assign_role(state, lot.choice([3, 4, 5]), user, Place(COURSE, course))

    def _there(self) -> list[int]:
        return [row["id"] for row in self.state.all("SELECT id FROM user WHERE deleted = 0 AND id > 3")]

    def _groups(self, course: int) -> None:
        made = []
        for number in range(self.lot.randint(0, 4)):
            values = {"idnumber": self.lot.choice(["", f"G{number}"]), "description": self._text()}
            made.append(self.state.insert("groups", courseid=course, name=f"{self._text()}{number}", **values))
            for user in self._some(self._there()):
                self.state.run("INSERT INTO groups_members (groupid, userid) VALUES (?, ?)", made[-1], user)
        for number in range(self.lot.randint(0, 2)):
            grouping = self.state.insert("groupings", courseid=course, name=f"R{number}", description=self._text())
            for group in self._some(made):
                self.state.insert("groupings_groups", groupingid=grouping, groupid=group)

    def _cohort(self, number: int) -> int:
        values = {"contextid": context_id(self.state, SITE), "description": self._text()}
        key = self.state.insert("cohort", name=self._text(), idnumber=f"H{number}", **values)
        for user in self._some(self._there()):
            self.state.run("INSERT INTO cohort_members VALUES (?, ?)", key, user)
        return key

    def _links(self) -> None:
        for cohort in self.cohorts:
            course = self.lot.choice(self.courses)
            self.state.insert("enrol", enrol="cohort", courseid=course, roleid=5, customint1=cohort)
            for user in self._there():
                follow_cohort(self.state, cohort, user)
