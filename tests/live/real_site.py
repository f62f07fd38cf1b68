"""The real Moodle that the trials are made on."""

import os

import pytest
from corridor import Corridor

URL, TOKEN = os.environ.get("MATRICULA_LIVE_URL", ""), os.environ.get("MATRICULA_LIVE_TOKEN", "")
ON_A_REAL_SITE = [
    pytest.mark.live,
    pytest.mark.skipif(not (URL and TOKEN), reason="MATRICULA_LIVE_URL and MATRICULA_LIVE_TOKEN name no real Moodle"),
]


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
