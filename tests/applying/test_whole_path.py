"""The main job: a roster into a site, the second day, and nothing left to do after it."""

from corridor import Corridor, picture


def counts(planned) -> dict[str, dict[str, int]]:
    return planned.record.summary["counts"]


def test_a_school_comes_into_an_empty_site_and_a_second_plan_is_empty(corridor: Corridor) -> None:
    corridor.school()
    planned = corridor.plan()
    assert picture(corridor.url, corridor.token)["courses"] == []
    applied = corridor.hub.apply(planned.number)
    assert applied.states == {"done": planned.changes.height}
    seen = picture(corridor.url, corridor.token)
    made = counts(planned)
    assert len(seen["courses"]) == made["course"]["create"]
    assert len(seen["enrolments"]) == made["enrolment"]["create"]
    assert len(seen["users"]) == made["user"]["create"] + len(corridor.sandbox.tokens) - 1
    assert corridor.plan().changes.height == 0


def test_the_second_day_shows_just_the_difference_by_name(corridor: Corridor) -> None:
    school = corridor.school()
    corridor.hub.apply(corridor.plan().number)
    tomorrow, story = school.next_day()
    tomorrow.write(corridor.folder)
    planned = corridor.plan()
    leavers = planned.changes.filter((planned.changes["kind"] == "user") & (planned.changes["action"] == "suspend"))
    assert [name for name in leavers["name"] if any(name in sentence for sentence in story)] == leavers[
        "name"
    ].to_list()
    assert leavers.height == 1
    assert planned.changes.height < 60
    assert corridor.hub.apply(planned.number).left == 0
    assert corridor.plan().changes.height == 0


def test_a_leaver_who_returns_finds_everything_again(corridor: Corridor) -> None:
    school = corridor.school()
    corridor.hub.apply(corridor.plan().number)
    before = picture(corridor.url, corridor.token)
    school.next_day()[0].write(corridor.folder)
    corridor.hub.apply(corridor.plan().number)
    assert picture(corridor.url, corridor.token) != before
    school.write(corridor.folder)
    planned = corridor.plan()
    assert counts(planned)["user"]["revive"] == 1
    corridor.hub.apply(planned.number)
    after = picture(corridor.url, corridor.token)
    newcomers = {row[0] for row in after["users"]} - {row[0] for row in before["users"]}
    assert [row for row in after["users"] if row[0] not in newcomers] == before["users"]
    active = [row for row in after["enrolments"] if not row[3]]
    assert active == before["enrolments"]


def test_planning_writes_nothing(corridor: Corridor) -> None:
    corridor.school()
    corridor.plan()
    called = set(corridor.sandbox.faults.seen()["calls"])
    assert not {name for name in called if any(word in name for word in ("create", "update", "delete", "_enrol_users"))}
    assert "core_user_get_users_by_field" in called
