"""What settings and their values are called on forms, where their names in YAML do not say it well."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "only": "Only some of them",
        "without_enrolments": "People without enrolments",
        "match": "How an existing one is recognised",
        "fields": "Fields",
        "profile_fields": "Custom profile fields",
        "custom_fields": "Custom course fields",
        "preferences": "User preferences",
        "taken_username": "A user name that somebody else has",
        "auth": "Way of signing in",
        "password": "First password",
        "force_change": "New password at first sign-in",
        "missing_email": "People without an e-mail address",
        "create": "Make new ones",
        "update": "Keep them in step",
        "deactivate": "Suspend those who left",
        "roles": "Roles",
        "gone": "When it is gone from the roster",
        "template": "Course to copy",
        "unsorted": "Category for courses without a place",
        "archive": "Category for the archive",
        "levels": "Levels of categories",
        "idnumber": "ID number",
        "since": "Not what began before",
        "start": "First day",
        "end": "Last day",
        "not_for": "Not for these roles",
        "like": "Like one of",
        "unlike": "But unlike all of",
        "value": "Made of",
        "case": "Letters",
        "write": "How it is written",
        "meta_links": "Long-lived courses",
        "shortname": "Short name",
        "fullname": "Full name",
        "beside": "Runs beside",
        "basis": "What becomes a course",
        "tables": "Lookup tables",
        "window": "Synchronisation window",
        "period": "School year",
        "timezone": "Time zone",
        "enabled": "Enabled",
        "share": "Largest share",
        "floor": "Not below",
        "absolute": "Largest number",
        "kinds": "Other limits for single kinds",
        "in_course": "Within one course",
        "in_category": "Within one category",
        "delivery": "A delivery that is less complete",
        "rows": "Rows that may be missing",
        "filled": "Columns that were filled",
        "rollover": "Weeks of the new school year",
        "retention": "How long things are kept",
        "observe": "Looking at the site",
        "within": "Days to look at everything",
        "drift": "Edits made in Moodle",
        "plans": "Plans (days)",
        "grades": "Kept grades (days)",
        "deliveries": "Deliveries (days)",
        "schedule": "What is done by itself",
        "entries": "Schedule",
        "at": "When",
        "do": "What",
        "jitter": "Up to so many minutes later",
        "quiet": "Quiet hours",
        "on": "On which days",
        "catch_up": "Catch up on what was missed",
        "student": "Students",
        "teacher": "Teachers",
        "employee": "Other employees",
        "parent": "Parents",
    }
)
#: Labels that hold for one place alone.
_PLACED: Final[Mapping[tuple[str, ...], str]] = MappingProxyType(
    {
        ("users", "only"): "Only some people",
        ("courses", "only"): "Only some classes",
        ("enrolments", "roles"): "Who is enrolled as what",
        ("drift", "user"): "Accounts",
        ("drift", "course"): "Courses",
        ("drift", "category"): "Categories",
        ("drift", "cohort"): "Cohorts",
        ("drift", "group"): "Groups",
        ("drift", "enrolment"): "Enrolments",
        ("drift", "default"): "All other fields",
        ("users", "match", "field"): "Field in Moodle",
        ("users", "match", "value"): "Compared with",
        ("categories", "levels", "match"): "An existing one is recognised by",
        ("grades",): "Grades",
        ("grades", "sink"): "Where grades go",
        ("grades", "items"): "Which items",
        ("grades", "items", "kinds"): "Kinds of items",
        ("grades", "items", "names"): "Only with such a name",
        ("grades", "items", "without"): "Without such a name",
        ("grades", "items", "numbered"): "Only with an ID number",
        ("grades", "items", "hidden"): "Hidden ones, too",
        ("grades", "weighting"): "Where grades are weighted",
        ("grades", "categories"): "What becomes a category",
        ("grades", "category"): "Category for all others",
        ("grades", "category_titles"): "Other titles of categories",
        ("grades", "weights"): "Send the weights of categories",
        ("grades", "match"): "How an existing item is found",
        ("grades", "scale"): "Grades are written as",
        ("grades", "scales"): "Points for words of Moodle's scales",
        ("grades", "letters", "from_percent"): "From how many percent",
        ("grades", "decimals"): "Places after the point",
        ("grades", "excused"): "Send who is excused",
        ("grades", "comments"): "Send feedback as comments",
        ("grades", "former"): "Send grades of former students",
        ("grades", "gone"): "When a grade is no longer in Moodle",
        ("grades", "final"): "Final grades of report cards",
        ("grades", "final", "scale"): "Totals are written as",
        ("grades", "final", "decimals"): "Places after the point",
        ("grades", "within"): "Days to read every gradebook",
        ("grades", "limits"): "When a transfer waits for a person",
        ("grades", "limits", "changed"): "Results that change",
        ("grades", "limits", "removed"): "Results that are taken away",
    }
)
_CHOICES: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("basis", "group"): "each class",
        ("basis", "subject"): "each subject, with its classes as groups",
        ("basis", "group-subject"): "each pair of a class and a subject",
        ("write", "in-step"): "kept in step with the roster",
        ("write", "create-only"): "set once, then left alone",
        ("write", "if-empty"): "filled in where nothing is there",
        ("case", "none"): "as they come",
        ("case", "lower"): "small letters",
        ("case", "upper"): "CAPITAL LETTERS",
        ("gone", "leave"): "leave it as it is",
        ("gone", "hide"): "hide it",
        ("gone", "archive"): "hide it and move it to the archive",
        ("gone", "delete"): "delete it, with all grades",
        ("gone", "keep"): "keep it",
        ("gone", "suspend"): "suspend it; grades and work stay",
        ("gone", "suspend-without-roles"): "suspend it and take the role away",
        ("gone", "unenrol"): "unenrol: grades and groups in the course are lost",
        ("match", "idnumber"): "ID number",
        ("match", "shortname"): "short name",
        ("match", "fullname"): "full name",
        ("match", "name"): "name",
        ("field", "idnumber"): "ID number",
        ("field", "username"): "user name",
        ("field", "email"): "e-mail address",
        ("taken_username", "ask"): "ask a person",
        ("taken_username", "number"): "add a number",
        ("password", "generate"): "make a strong one, handed out as a file",
        ("password", "mail"): "let Moodle mail one",
        ("password", "none"): "none; people sign in elsewhere",
        ("missing_email", "placeholder"): "give the account a stand-in address",
        ("missing_email", "leave-out"): "make no account",
        ("do", "run"): "plan, and write the plan unless it waits for a person",
        ("do", "plan"): "only plan",
        ("do", "observe"): "look for what was edited in Moodle",
        ("do", "verify"): "compare everything",
        ("do", "read"): "only read the source",
        ("do", "learning"): "read grades and submissions",
        ("do", "grades"): "send grades to the school",
        ("policy", "leave"): "list it and leave it",
        ("policy", "accept"): "take it as right",
        ("policy", "put-back"): "put it back",
        ("weighting", "sis"): "in the school's system",
        ("weighting", "moodle"): "in Moodle",
        ("categories", "moodle"): "each category of Moodle's gradebook",
        ("categories", "kind"): "each kind of item",
        ("categories", "one"): "one for all",
        ("scale", "points"): "points",
        ("scale", "percent"): "percent",
        ("scale", "letters"): "letters",
        ("rounding", "up"): "up",
        ("rounding", "down"): "down",
        ("rounding", "half-up"): "to the nearer one, halves up",
        ("rounding", "none"): "not at all",
        ("gone", "remove"): "take it away",
        ("level", "institute"): "school",
        ("level", "period"): "school year",
        ("level", "grade"): "grade",
        ("level", "stream"): "department",
        ("level", "location"): "location",
        ("level", "group"): "class",
        ("level", "subject"): "subject",
        ("level", "semester"): "term",
    }
)
_SAID: Final = {"leave", "accept", "put-back"}


def label_of(path: tuple[str, ...]) -> str:
    """What a setting is called, by its path without numbers and free names."""
    name = path[-1]
    return _PLACED.get(path) or _LABELS.get(name) or name.replace("_", " ").replace("-", " ").capitalize()


def choice_label(setting: str, word: str) -> str:
    """What a word that can be chosen means."""
    found = _CHOICES.get((setting, word))
    if found is None and word in _SAID:
        found = _CHOICES[("policy", word)]
    return found or word


def in_words(value: Any, kind: str, choices: tuple[tuple[str, str], ...] = ()) -> str:
    """A default as people read it; empty where there is none."""
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if kind == "share":
        return f"{value * 100:.10g} %"
    if isinstance(value, date):
        return value.isoformat()
    return dict(choices).get(str(value), str(value))
