"""A verification of a site with the plugin asks for everything once, while the roster is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridor import Corridor

from matricula.hub.verifying import verify
from matricula.sandbox import running

if TYPE_CHECKING:
    from pathlib import Path

SNAPSHOT = "local_matricula_get_snapshot"


def test_the_site_is_asked_before_the_roster_is_read_and_not_again(tmp_path: Path) -> None:
    with (
        running(fixture="empty", plugins=True) as site,
        Corridor.open(tmp_path, site.url, site.tokens["admin"], site) as corridor,
    ):
        corridor.school(20)
        planned = corridor.plan()
        corridor.hub.apply(planned.number, planned.words)
        before = site.faults.seen()["calls"][SNAPSHOT]
        assert verify(corridor.hub, "default") == []
        # Enrolments, accounts, courses, the newest accounts and courses; and the categories, which are not read ahead.
        assert site.faults.seen()["calls"][SNAPSHOT] - before == 6


def test_what_was_edited_is_told_all_the_same(tmp_path: Path) -> None:
    with (
        running(fixture="empty", plugins=True) as site,
        Corridor.open(tmp_path, site.url, site.tokens["admin"], site) as corridor,
    ):
        corridor.school(20)
        planned = corridor.plan()
        corridor.hub.apply(planned.number, planned.words)
        with corridor.moodle() as moodle:
            user = next(user for user in moodle.users.all() if user.idnumber)
            moodle.users.update([{"id": user.id, "firstname": "Edited"}])
        (found,) = verify(corridor.hub, "default")
        assert (found.code, found.kind, found.moodle_id) == ("edited", "user", user.id)
        assert "Edited" in found.told
