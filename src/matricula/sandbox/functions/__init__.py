"""The web-service functions a sandbox answers, one module per family; importing them registers them."""

from matricula.sandbox.functions import (
    activities,
    assignments,
    categories,
    cohorts,
    copying,
    course_reading,
    courses,
    enrolment_reading,
    enrolments,
    gradereports,
    grades,
    groupings,
    groups,
    sign_on,
    site,
    users,
)

__all__ = [
    "activities",
    "assignments",
    "categories",
    "cohorts",
    "copying",
    "course_reading",
    "courses",
    "enrolment_reading",
    "enrolments",
    "gradereports",
    "grades",
    "groupings",
    "groups",
    "sign_on",
    "site",
    "users",
]
