"""The real Moodle that the trials are made on."""

import os

import pytest
from corridor import Corridor

URL, TOKEN = os.environ.get("MATRICULA_LIVE_URL", ""), os.environ.get("MATRICULA_LIVE_TOKEN", "")
ADMIN = os.environ.get("MATRICULA_LIVE_ADMIN", "")
"""A site administrator as `name:password`, for what is set up at a screen."""
ADMIN_NAME, _, ADMIN_PASSWORD = ADMIN.partition(":")
FOLDER = os.environ.get("MATRICULA_LIVE_FOLDER", "")
"""The Moodle's folder on this machine, for what is set up by its own commands."""
TEMPLATE = os.environ.get("MATRICULA_LIVE_TEMPLATE", "")
"""Short name of a course with one assignment, to be copied."""
TLS = os.environ.get("MATRICULA_LIVE_TLS", "")
"""A folder with a certificate that the Moodle believes, for what it asks Matricula over TLS."""
ON_A_REAL_SITE = [
    pytest.mark.live,
    pytest.mark.skipif(not (URL and TOKEN), reason="MATRICULA_LIVE_URL and MATRICULA_LIVE_TOKEN name no real Moodle"),
]

BY_AN_ADMINISTRATOR = pytest.mark.skipif(
    not ADMIN_PASSWORD, reason="MATRICULA_LIVE_ADMIN names no administrator of the Moodle, as name:password"
)
IN_ITS_FOLDER = pytest.mark.skipif(not FOLDER, reason="MATRICULA_LIVE_FOLDER names no folder of the Moodle")
A_TEMPLATE = pytest.mark.skipif(
    not TEMPLATE, reason="MATRICULA_LIVE_TEMPLATE names no course with an assignment to copy"
)
OVER_TLS = pytest.mark.skipif(not TLS, reason="MATRICULA_LIVE_TLS names no folder with a certificate that it believes")


def clean_up(corridor: Corridor) -> None:
    """Delete the courses, accounts and categories that a trial has made."""
    ids = {
        kind: [
            number
            for number, origin in corridor.hub.store.ledger.frame("default", kind)
            .select("moodle_id", "origin")
            .iter_rows()
            if origin == "made" and number is not None
        ]
        for kind in ("course", "user", "category")
    }
    with corridor.moodle() as moodle:
        if ids["course"]:
            moodle.courses.delete(ids["course"])
        if ids["user"]:
            moodle.users.delete(ids["user"])
        there = {category.id: category for category in moodle.categories.all()}
        tops = [number for number in ids["category"] if there[number].parent not in ids["category"]]
        if tops:
            moodle.categories.delete(tops)
