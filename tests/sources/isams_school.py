"""A school in iSAMS' tables, and the two views for Moodle above them, in SQLite or MariaDB, with all their quirks."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

TABLES = {
    "TblTeachingManagerSubjects": "TblTeachingManagerSubjectsID INTEGER, txtSubjectName VARCHAR(100), "
    "txtSubjectCode VARCHAR(20), intActive INTEGER",
    "TblTeachingManagerSets": "TblTeachingManagerSetsID INTEGER, intSubject INTEGER, intYear INTEGER, "
    "txtName VARCHAR(100), txtSetCode VARCHAR(50), txtTeacher VARCHAR(50), blnActive SMALLINT",
    "TblTeachingManagerSetLists": "TblTeachingManagerSetListsID INTEGER, intSetID INTEGER, txtSchoolID VARCHAR(50)",
    "TblTeachingManagerSetAssociatedTeachers": "intSetID INTEGER, txtTeacher VARCHAR(50)",
    "TblPupilManagementPupils": "TblPupilManagementPupilsID INTEGER, txtSchoolID VARCHAR(50), txtUserCode VARCHAR(50), "
    "txtForename VARCHAR(100), txtPreName VARCHAR(100), txtSurname VARCHAR(100), txtMiddleNames VARCHAR(100), "
    "txtEmailAddress VARCHAR(200), intNCYear INTEGER, txtForm VARCHAR(50), txtAcademicHouse VARCHAR(50), "
    "intSystemStatus INTEGER",
    "TblStaff": "TblStaffID INTEGER, User_Code VARCHAR(50), Firstname VARCHAR(100), PreName VARCHAR(100), "
    "Surname VARCHAR(100), SchoolEmailAddress VARCHAR(200), SystemStatus INTEGER, TeachingStaff INTEGER",
    "TblSchoolManagementYears": "intNCYear INTEGER, txtYearName VARCHAR(50)",
    "TblSchoolManagementForms": "txtForm VARCHAR(50), intNCYear INTEGER, txtFormTutor VARCHAR(50), "
    "txtAsstFormTutor VARCHAR(50), txtAsstFormTutor2 VARCHAR(50)",
    "TblSchoolManagementHouses": "TblSchoolManagementHousesID INTEGER, txtHouseName VARCHAR(50), "
    "txtHouseType VARCHAR(50)",
    "TblStaffManagementAcademicHouses": "intAcademicHouse INTEGER, intStaff INTEGER",
    "TblSchoolManagementTermDates": "TblSchoolManagementTermDatesID INTEGER, intSchoolYear INTEGER, intTerm INTEGER, "
    "txtStartDate DATETIME, txtFinishDate DATETIME",
    "TblSchoolManagementTermNames": "TblSchoolManagementTermNamesID INTEGER, txtName VARCHAR(50)",
    "TblTimetableManagerTimetables": "txtStartYear VARCHAR(4), intPublished INTEGER",
}
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "TblTeachingManagerSubjects": [
        (1, "Science", "SC", 1),
        (2, "English", "EN", 1),
        (3, "Private Study", "PS", 1),
        (4, "Art, Design", "AD", 0),
        (5, "Latin", "LA", 0),
    ],
    "TblTeachingManagerSets": [
        (11, 1, 7, "7A", "7A/Sc", "TH", 1),
        (12, 1, 7, "", "7B/Sc", "NOBODY", 1),
        (13, 2, 7, "7A", "7A/En", "UI", 1),
        (14, 3, 7, "7PS", "7/PS", "TH", 1),
        (15, 4, 8, None, "8/Ad", None, None),
        (16, 2, 7, "Old", "7Z/En", "UI", 0),
    ],
    "TblTeachingManagerSetLists": [
        (1, 11, "0001"),
        (2, 11, "0002"),
        (3, 11, "0001"),
        (4, 12, "0003"),
        (5, 12, "0004"),
        (6, 12, "0005"),
        (7, 13, "0001"),
        (8, 13, "9999"),
        (9, 14, "0001"),
    ],
    "TblTeachingManagerSetAssociatedTeachers": [(11, "UI"), (11, "TH"), (12, "NE"), (12, "XG"), (13, "UI")],
    "TblPupilManagementPupils": [
        (1, "0001", "LeeA", "Annabel", "Ann", "Lee", None, "ann.lee@lindenhof.example", 7, "7A", "North", 1),
        (2, "0002", "OstB", "Ben", None, "&#x20;Öst", None, "", 7, "7A", "South", 1),
        (3, "0003", "LeeC", " Cleopatra", "Cléo", "Lee", "M.", "Cleo.Lee@lindenhof.example", 7, "", "North", 1),
        (4, "0004", "OrrD", "Dan", " ", "Orr", None, "dan.orr@lindenhof.example", 7, "7C", None, 1),
        (5, "0005", "PoeE", "Eve", None, "Poe", None, "eve.poe@lindenhof.example", 8, "8A", "North", -1),
        (6, "0006", "RayF", "Fay", None, "Ray", None, "fay.ray@lindenhof.example", 7, "7A", "North", 0),
        (7, "0007", "FoxG", "Gil", None, "Fox", None, None, -2, None, "", 1),
    ],
    "TblStaff": [
        (1, "TH", "Thomas", "Tom", "Hill", "tom.hill@lindenhof.example", 1, 1),
        (2, "UI", "Uma", "", "Iyer", "uma.iyer@lindenhof.example", 1, 1),
        (3, "VW", "Vera", None, "Wolf", "vera.wolf@lindenhof.example", 1, 0),
        (4, "XG", "Xaver", None, "Gone", "xaver.gone@lindenhof.example", 0, 1),
        (5, "NE", "Nell", None, "&#x20;", "", 1, 1),
    ],
    "TblSchoolManagementYears": [(-2, "Nursery"), (7, "Year 7"), (8, "Year 8")],
    "TblSchoolManagementForms": [
        ("7A", 7, "TH", "UI", "TH"),
        ("8B", 8, None, None, None),
        (" 8C ", 8, "XG", None, None),
    ],
    "TblSchoolManagementHouses": [(1, "North", "Academic"), (2, "South", "Academic"), (3, "Old Hall", "Boarding")],
    "TblStaffManagementAcademicHouses": [(2, 1), (1, 1), (1, 2)],
    "TblSchoolManagementTermDates": [
        (1, 2026, 1, "2026-09-03 00:00:00", "2026-12-11 00:00:00"),
        (2, 2026, 2, "2027-01-06 00:00:00", "2027-07-02 00:00:00"),
        (3, 2025, 1, "2025-09-03 00:00:00", "2025-12-11 00:00:00"),
    ],
    "TblSchoolManagementTermNames": [(1, "Michaelmas")],
    "TblTimetableManagerTimetables": [("2025", 0), ("2026", 1)],
}

_CODE = "{set_code}"
COURSE_VIEW = f"""
CREATE VIEW VwMoodleCourseData AS
SELECT u.txtSubjectName, {_CODE} AS txtCourseID, {{full_name}} AS txtFullName, {{full_name}} AS txtShortName,
  '52' AS intCategoryID
FROM TblTeachingManagerSets s JOIN TblTeachingManagerSubjects u ON u.TblTeachingManagerSubjectsID = s.intSubject
WHERE u.txtSubjectName <> 'Private Study'
UNION ALL SELECT txtYearName, txtYearName, txtYearName, txtYearName, '40' FROM TblSchoolManagementYears
UNION ALL SELECT 'iSAMS_Staff', 'iSAMS_Staff', 'Staff', 'Staff', '40'
UNION ALL SELECT 'iSAMS_AcademicStaff', 'iSAMS_AcademicStaff', 'Academic Staff', 'Academic Staff', '40'
UNION ALL SELECT txtHouseName, txtHouseName, txtHouseName, txtHouseName, '38' FROM TblSchoolManagementHouses
WHERE txtHouseType = 'Academic'
"""
_PUPIL = "p.txtForename, p.txtSurname, p.txtEmailAddress"
_STAFF = "t.Firstname, t.Surname, t.SchoolEmailAddress"
_NOW = "t.SystemStatus = 1 AND t.SchoolEmailAddress <> ''"
ENROL_VIEW = f"""
CREATE VIEW VwMoodleEnrolData AS
SELECT p.txtForename, p.txtSurname, p.txtEmailAddress, u.txtSubjectName, {_CODE} AS txtSetCode, '5' AS intRoleID
FROM TblTeachingManagerSets s JOIN TblTeachingManagerSubjects u ON u.TblTeachingManagerSubjectsID = s.intSubject
JOIN TblTeachingManagerSetLists l ON l.intSetID = s.TblTeachingManagerSetsID
JOIN TblPupilManagementPupils p ON p.txtSchoolID = l.txtSchoolID
WHERE u.txtSubjectName <> 'Private Study' AND p.intSystemStatus = 1 AND p.txtEmailAddress IS NOT NULL
UNION ALL SELECT {_STAFF}, u.txtSubjectName, {_CODE}, '3'
FROM TblTeachingManagerSets s JOIN TblTeachingManagerSubjects u ON u.TblTeachingManagerSubjectsID = s.intSubject
LEFT JOIN TblStaff t ON t.User_Code = s.txtTeacher
WHERE u.txtSubjectName <> 'Private Study' AND s.txtTeacher IS NOT NULL
UNION ALL SELECT {_STAFF}, u.txtSubjectName, {_CODE}, '3'
FROM TblTeachingManagerSetAssociatedTeachers a JOIN TblTeachingManagerSets s ON s.TblTeachingManagerSetsID = a.intSetID
JOIN TblTeachingManagerSubjects u ON u.TblTeachingManagerSubjectsID = s.intSubject
JOIN TblStaff t ON t.User_Code = a.txtTeacher
UNION ALL SELECT {_PUPIL}, y.txtYearName, y.txtYearName, '5'
FROM TblPupilManagementPupils p JOIN TblSchoolManagementYears y ON y.intNCYear = p.intNCYear
WHERE p.intSystemStatus = 1 AND p.txtEmailAddress IS NOT NULL
UNION ALL SELECT {_STAFF}, 'iSAMS_Staff', 'iSAMS_Staff', '5' FROM TblStaff t WHERE {_NOW}
UNION ALL SELECT {_STAFF}, 'iSAMS_AcademicStaff', 'iSAMS_AcademicStaff', '5' FROM TblStaff t
WHERE {_NOW} AND t.TeachingStaff = 1
UNION ALL SELECT {_PUPIL}, p.txtAcademicHouse, p.txtAcademicHouse, '5'
FROM TblPupilManagementPupils p WHERE p.intSystemStatus = 1 AND p.txtEmailAddress IS NOT NULL
UNION ALL SELECT {_STAFF}, h.txtHouseName, h.txtHouseName, '5'
FROM TblSchoolManagementHouses h JOIN TblStaffManagementAcademicHouses a ON a.intAcademicHouse =
h.TblSchoolManagementHousesID JOIN TblStaff t ON t.TblStaffID = a.intStaff WHERE {_NOW}
"""
_SPAN = "(SELECT {span} FROM TblTimetableManagerTimetables WHERE intPublished = 1)"
_SQLITE = "substr(txtStartYear, 3) || '-' || substr(txtStartYear + 1, 3)"
_MARIADB = "CONCAT(RIGHT(txtStartYear, 2), '-', RIGHT(CAST(txtStartYear AS SIGNED) + 1, 2))"


def statements(*, mariadb: bool) -> list[str]:
    """What makes the tables and the views."""
    span = _SPAN.format(span=_MARIADB if mariadb else _SQLITE)
    code = f"CONCAT(s.txtSetCode, ' - ', {span})" if mariadb else f"s.txtSetCode || ' - ' || {span}"
    full = f"CONCAT(u.txtSubjectName, ' - ', {code})" if mariadb else f"u.txtSubjectName || ' - ' || {code}"
    tables = [f"CREATE TABLE {name} ({columns})" for name, columns in TABLES.items()]
    return [*tables, *(view.format(set_code=code, full_name=full) for view in (COURSE_VIEW, ENROL_VIEW))]


class IsamsSchool:
    """The school in a database, to be altered.

    Args:
        settings: `path` or `url` and what goes with it.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self.changed = False

    def settings(self, preset: str, **more: Any) -> dict[str, Any]:
        """The settings that read it by a preset."""
        return {"type": "sql", "preset": preset, **self._settings, **more}

    def change(self, *changes: str) -> None:
        """Carry out statements in the database."""
        self.changed = True
        url = f"sqlite:///{self._settings['path']}" if "path" in self._settings else self._settings["url"]
        engine = create_engine(url)
        with engine.begin() as connection:
            for change in changes:
                connection.exec_driver_sql(change)
        engine.dispose()


def in_sqlite(path: Path) -> IsamsSchool:
    """The school in a new SQLite file."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements(mariadb=False):
            connection.execute(statement)
        for name, rows in ROWS.items():
            connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    return IsamsSchool({"path": str(path)})


class MariadbServer:
    """A database of the tests' own in MariaDB, made anew when a test has altered it."""

    def __init__(self) -> None:
        given = os.environ.get("MATRICULA_TEST_MARIADB")
        if not given:
            pytest.skip("MATRICULA_TEST_MARIADB names no MariaDB")
        server = make_url(given)
        if server.password:
            pytest.skip("the account of MATRICULA_TEST_MARIADB has a password")
        self._name = f"matricula_isams_{os.getpid()}"
        self._server = create_engine(server)
        self._url = server.set(database=self._name)
        self._school: IsamsSchool | None = None

    def school(self) -> IsamsSchool:
        """The school, as it is at first."""
        if self._school is None or self._school.changed:
            self._school = self._made()
        return self._school

    def _made(self) -> IsamsSchool:
        with self._server.begin() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {self._name}")
            connection.exec_driver_sql(f"CREATE DATABASE {self._name} CHARACTER SET utf8mb4")
        engine = create_engine(self._url)
        with engine.begin() as connection:
            for statement in statements(mariadb=True):
                connection.exec_driver_sql(statement)
            for name, rows in ROWS.items():
                marks = [{f"c{place}": cell for place, cell in enumerate(row)} for row in rows]
                connection.execute(
                    text(f"INSERT INTO {name} VALUES ({', '.join(f':c{place}' for place in range(len(rows[0])))})"),
                    marks,
                )
        engine.dispose()
        return IsamsSchool({"url": self._url.render_as_string(hide_password=False), "passwordless": True})

    def drop(self) -> None:
        """Take the database away."""
        with self._server.begin() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {self._name}")
        self._server.dispose()
