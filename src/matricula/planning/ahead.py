"""What looking at a whole site will ask for, so that it can be read while the roster is."""

import polars as pl

from matricula.moodle import Asked
from matricula.moodle.plugin_calls import Kind
from matricula.moodle.seen_enrolments import COLUMNS
from matricula.planning.accounts import account_columns
from matricula.planning.courses import course_columns
from matricula.planning.ground import Ground
from matricula.planning.sentinels import newest_of

#: What every look at a whole site asks of accounts and courses, whatever is mapped.
_ACCOUNT = ("username", "idnumber", "email", "firstname", "lastname", "suspended")
_COURSE = ("fullname", "shortname", "idnumber", "category", "visible", "startdate", "enddate")


def asked_ahead(ground: Ground) -> list[Asked]:
    """Accounts, courses, enrolments of courses that the ledger has, and whole the newest records of it.

    Args:
        ground: profile, ledger and site.
    """
    accounts = account_columns((*_ACCOUNT, *ground.profile.users.mapped()))
    courses = course_columns((*_COURSE, *ground.profile.courses.mapped(ground.profile.basis)))
    ids = ground.ledger("course").filter(pl.col("moodle_id").is_not_null())["moodle_id"].unique().to_list()
    asked = [Asked("enrolment", COLUMNS, {"courseid": ids})] if ids else []
    asked += [Asked("user", ("id", *accounts.values())), Asked("course", ("id", *dict.fromkeys(courses.values())))]
    newest: list[tuple[Kind, list[int]]] = [
        (kind, newest_of(ground, kind)["moodle_id"].to_list()) for kind in ("user", "course")
    ]
    return [*asked, *(Asked(kind, (), {"id": numbers}) for kind, numbers in newest if numbers)]
