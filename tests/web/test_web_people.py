"""People in the console: found, told of, looked at in Moodle, synchronised, and forgotten."""

import pytest
from records_desk import ODD_KEY, ODD_NAME
from web_browser import words

from matricula.hub.searching import search
from matricula.service.synchronising import synchronise


def address(key, profile="north-profile", pages="people"):
    from urllib.parse import quote

    return f"/profiles/{quote(profile, safe='')}/{pages}/{quote(key, safe='')}"


@pytest.fixture
def student(desk):
    return desk.north.school.students[0]


@pytest.fixture
def name(student):
    return f"{student.given} {student.family}"


def found(desk, what, asked, profile="north-profile"):
    return [each.key for each in search(desk.service.home, [profile], what, asked).found]


def test_a_person_is_found_by_whatever_is_known_of_them(desk, student, name, owner):
    desk.plan(desk.north)
    for asked in (student.sourced_id, student.username.upper(), student.email, name, " ".join(name.split()[::-1])):
        assert found(desk, "people", asked)[0] == student.sourced_id, asked
    page = owner.get("/people", params={"q": name, "profile": "north-profile"})
    assert address(student.sourced_id) in page.text
    assert "the roster was last read on" in words(page)


def test_accents_and_capitals_do_not_matter(desk, student):
    def accented(row):
        return row | {"familyName": "Ångström"} if row["sourcedId"] == student.sourced_id else row

    desk.north.edit("users", accented)
    desk.plan(desk.north)
    assert found(desk, "people", "ANGSTROM") == [student.sourced_id]


def test_courses_and_classes_are_found_and_lead_to_their_page(desk, owner):
    desk.plan(desk.north)
    (first, *_) = desk.service.home.store.kept.delivery("north-school").roster().classes.iter_rows(named=True)
    assert found(desk, "courses", first["classCode"]) == [first["sourcedId"]]
    assert found(desk, "classes", first["title"])[0] == first["sourcedId"]
    page = owner.get("/people", params={"q": first["classCode"], "what": "classes", "profile": "north-profile"})
    assert address(first["sourcedId"], pages="courses") in page.text


def test_who_left_is_found_in_the_ledger(desk, student, name, owner):
    desk.run(desk.north)
    desk.north.edit("users", lambda row: None if row["sourcedId"] == student.sourced_id else row)
    desk.north.edit("enrollments", lambda row: None if row["userSourcedId"] == student.sourced_id else row)
    desk.run(desk.north)
    page = owner.get("/people", params={"q": name, "profile": "north-profile"})
    assert "Not in the roster any more" in words(page)
    page = owner.get(address(student.sourced_id))
    assert f"{name} ({student.sourced_id}) is no longer in the roster." in words(page)
    assert "suspended: left the roster" in words(owner.get(address(student.sourced_id) + "?show=enrolments"))
    assert "has no row for this person" in words(owner.get(address(student.sourced_id) + "?show=rows"))


def test_a_row_that_cannot_be_used_is_found_too(desk, student, owner):
    def broken(row):
        return row | {"username": ""} if row["sourcedId"] == student.sourced_id else row

    desk.north.edit("users", broken)
    desk.plan(desk.north)
    page = owner.get(address(student.sourced_id))
    assert page.status_code == 200
    assert student.sourced_id in words(owner.get(address(student.sourced_id) + "?show=rows"))


def test_before_anything_was_read_it_is_said(desk, owner):
    assert "no roster was read yet" in words(owner.get("/people", params={"profile": "north-profile"}))
    assert "Nothing fits" in words(owner.get("/people", params={"q": "anybody"}))


def test_the_whole_way_of_a_person_is_told(desk, student, name, owner):
    run = desk.run(desk.north)
    page = owner.get(address(student.sourced_id))
    told = words(page)
    row = desk.service.store.ledger.get("north-profile", "user", student.sourced_id)
    assert "made by Matricula" in told
    assert f'href="/runs/{run}"' in page.text
    assert f'href="{desk.north.site.url}/user/profile.php?id={row.moodle_id}"' in page.text
    assert f"User name {student.username.lower()} {student.username.lower()}" in told
    rows = words(owner.get(address(student.sourced_id) + "?show=rows"))
    assert "users.csv line" in rows
    assert "enrollments.csv line" in rows
    assert f"familyName {student.family}" in rows
    enrolments = owner.get(address(student.sourced_id) + "?show=enrolments")
    (first, *_) = desk.service.store.ledger.beginning("north-profile", ["enrolment"], student.sourced_id)
    assert address(first.key.split("\t")[1], pages="courses") in enrolments.text
    history = owner.get(address(student.sourced_id) + "?show=history")
    assert "make account" in words(history)
    assert "make enrolment" in words(history)
    assert f'href="/plans/{desk.service.store.runs.get(run).plan}"' in history.text


def test_history_tells_the_newest_first_and_in_pages(desk, student, owner):
    desk.run(desk.north)
    for number in range(3):

        def renamed(row, number=number):
            return row | {"givenName": f"Name{number}"} if row["sourcedId"] == student.sourced_id else row

        desk.north.edit("users", renamed)
        desk.run(desk.north)
    told = words(owner.get(address(student.sourced_id) + "?show=history"))
    assert told.index("Name2") < told.index("Name1") < told.index("Name0")
    history = desk.service.store.history
    whole = history.of("north-profile", "user", student.sourced_id)
    assert [each.plan for each in whole] == sorted((each.plan for each in whole), reverse=True)
    parts = [history.of("north-profile", "user", student.sourced_id, limit=2, offset=at) for at in range(0, 20, 2)]
    assert [each for part in parts for each in part] == whole


def test_a_look_at_moodle_shows_what_somebody_edited(desk, student, owner):
    desk.run(desk.north)
    row = desk.service.store.ledger.get("north-profile", "user", student.sourced_id)
    with desk.north.moodle() as moodle:
        moodle.users.update([{"id": row.moodle_id, "firstname": "Edited"}])
    path = address(student.sourced_id)
    assert "edited in Moodle" not in words(owner.get(path))
    page = owner.fill_in(path, path.replace("/people/", "/people-look/"))
    assert "Looked at on" in words(page)
    assert "Edited edited in Moodle" in words(page)
    page = owner.fill_in(path, path.replace("/people/", "/people-look/") + "?show=enrolments")
    assert "student" in words(page)
    with desk.north.moodle() as moodle:
        moodle.users.delete([row.moodle_id])
    assert "It is no longer in Moodle" in words(owner.fill_in(path, path.replace("/people/", "/people-look/")))


def test_a_site_out_of_reach_is_told_on_the_page(desk, student, owner):
    desk.run(desk.north)
    desk.service.home.load("kind: site\nname: north\nurl: http://127.0.0.1:9\npatience: 0\n", "test", desk.north.folder)
    path = address(student.sourced_id)
    page = owner.fill_in(path, path.replace("/people/", "/people-look/"))
    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert "Looked at on" not in words(page)


def test_synchronising_asks_for_a_run_of_just_that_person(desk, student, owner):
    desk.run(desk.north)
    path = address(student.sourced_id)
    page = owner.fill_in(path, path.replace("/people/", "/people-run/"))
    (job,) = desk.service.jobs.all()
    assert page.url.path == f"/jobs/{job.id}"
    assert (job.kind, job.arguments, job.asked_by) == ("run", {"only": [f"person:{student.sourced_id}"]}, "owner-0")


def test_a_person_and_a_class_with_one_id_are_told_apart(desk, student):
    (course, *_) = desk.service.home.source("north-school").deliver(None).roster().classes["sourcedId"]
    desk.north.rename("classes", course, student.sourced_id)
    desk.run(desk.north)
    planned = desk.service.hub.plan("north-profile", only=[f"person:{student.sourced_id}"])
    assert planned.only == (f"{student.given} {student.family}",)
    job = synchronise(desk.service, "north-profile", "course", student.sourced_id, by="x")
    assert desk.service.hub.plan("north-profile", only=job.arguments["only"]).only != planned.only


def test_keys_of_any_characters_have_their_page(desk, student, owner):
    desk.north.rename("users", student.sourced_id, ODD_KEY)
    desk.run(desk.north)
    page = owner.get("/people", params={"q": ODD_KEY, "profile": "north-profile"})
    assert address(ODD_KEY) in page.text
    for part in ("", "?show=enrolments", "?show=rows", "?show=history"):
        assert ODD_KEY in desk.service.store.ledger.get("north-profile", "user", ODD_KEY).key
        assert owner.get(address(ODD_KEY) + part).status_code == 200
    page = owner.fill_in(address(ODD_KEY), address(ODD_KEY).replace("/people/", "/people-run/"))
    assert desk.service.jobs.all()[0].arguments == {"only": [f"person:{ODD_KEY}"]}
    page = owner.get(address(ODD_KEY).replace("/people/", "/people-forget/"))
    assert page.status_code == 200


def test_names_are_shown_harmlessly(desk, student, owner):
    def odd(row):
        return (
            row | {"givenName": ODD_NAME, "username": 'a"><img src=x>'}
            if row["sourcedId"] == student.sourced_id
            else row
        )

    desk.north.edit("users", odd)
    desk.plan(desk.north)
    pages = [owner.get(address(student.sourced_id) + part) for part in ("", "?show=rows", "?show=history")]
    pages.append(owner.get("/people", params={"q": "zoe", "profile": "north-profile"}))
    pages.append(owner.get("/people", params={"q": ODD_NAME, "profile": "north-profile"}))
    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img src=x>" not in page.text
    assert "&lt;script&gt;" in pages[1].text
    assert f"<bdi>{'Zoë'}" in pages[3].text


def test_nobody_of_another_site_is_seen(desk, student, name, sign_in_as):
    desk.run(desk.north)
    desk.run(desk.south)
    viewer = sign_in_as("viewer", "south")
    assert "0 people found" in words(viewer.get("/people", params={"q": name}))
    assert "north-profile" not in viewer.get("/people").text
    assert viewer.get("/people", params={"profile": "north-profile"}).status_code == 404
    assert viewer.get(address(student.sourced_id)).status_code == 404
    other = desk.south.school.students[0]
    assert viewer.get(address(other.sourced_id, "south-profile")).status_code == 200


def test_buttons_are_for_those_who_may(desk, student, sign_in_as):
    desk.run(desk.north)
    path = address(student.sourced_id)
    viewer, operator = sign_in_as("viewer", "north"), sign_in_as("operator", "north")
    assert "Synchronise now" not in words(viewer.get(path))
    assert "Synchronise now" in words(operator.get(path))
    assert "Forget" not in words(operator.get(path))
    assert "first password" not in words(operator.get(path))
    assert viewer.fill_in(path, path.replace("/people/", "/people-run/")).status_code == 403
    for act in ("people-password", "people-forget"):
        assert operator.fill_in(path, path.replace("/people/", f"/{act}/"), word="forget").status_code == 403
    assert operator.get(path.replace("/people/", "/people-forget/")).status_code == 403


def test_the_first_password_is_shown_to_owners_and_noted(desk, student, owner):
    from matricula.hub.passwords import passwords_of_run

    run = desk.run(desk.north)
    path = address(student.sourced_id)
    passwords = dict(passwords_of_run(desk.service.home, run).select("username", "password").iter_rows())
    word = passwords[student.username.lower()]
    assert word not in owner.get(path).text
    page = owner.fill_in(path, path.replace("/people/", "/people-password/"))
    assert word in page.text
    (noted,) = desk.service.store.audit.find(act="password.shown")
    assert (noted.by, noted.subject, noted.site) == ("owner-0", f"person {student.sourced_id}", "north")
    assert word not in noted.words
    assert word not in owner.get(path).text


def test_an_unknown_person_is_not_there(desk, owner):
    desk.plan(desk.north)
    assert owner.get(address("nobody")).status_code == 404
    assert owner.get(address("nobody", "no-profile")).status_code == 404
    assert owner.get(address("")).status_code == 404


def test_forgetting_asks_for_a_word_and_leaves_nothing(desk, student, name, owner):
    desk.run(desk.north)
    path = address(student.sourced_id)
    owner.fill_in(path, path.replace("/people/", "/people-run/"))
    owner.fill_in(path, path.replace("/people/", "/people-password/"))
    desk.north.edit("users", lambda row: None if row["sourcedId"] == student.sourced_id else row)
    asked = path.replace("/people/", "/people-forget/")
    page = owner.get(asked)
    assert "still delivered this person" in words(page)
    assert "what Matricula looks after" in words(page)
    page = owner.fill_in(asked, asked, word="yes")
    assert page.status_code == 400
    assert desk.service.store.ledger.get("north-profile", "user", student.sourced_id) is not None
    page = owner.fill_in(asked, asked, word="forget")
    assert "The person is forgotten" in words(page)
    assert owner.get(path).status_code == 404
    assert found(desk, "people", name) == []
    (noted,) = desk.service.store.audit.find(act="person.forgotten")
    assert (noted.by, noted.subject) == ("owner-0", "a person")
    (shown,) = desk.service.store.audit.find(act="password.shown")
    assert shown.subject.startswith("person forgotten-")
    (job,) = desk.service.jobs.all()
    assert student.sourced_id not in str(job.arguments)
    state = (desk.service.home.folder / "matricula.db").read_bytes()
    for text in (student.sourced_id, student.username, name):
        assert text.encode() not in state, text


def test_whoever_owns_one_site_forgets_there_alone(desk, student, sign_in_as, owner):
    other = desk.south.school.students[0]
    desk.south.rename("users", other.sourced_id, student.sourced_id)

    def same(row):
        here = row["sourcedId"] == student.sourced_id
        return row | {"givenName": student.given, "familyName": student.family} if here else row

    desk.south.edit("users", same)
    desk.run(desk.north)
    desk.run(desk.south)
    store, asked = desk.service.store, address(student.sourced_id).replace("/people/", "/people-forget/")
    assert "south-profile" in words(owner.get(asked))
    assert "south-profile" not in words(owner.get(asked + "?where=here"))
    local = sign_in_as("owner", "north")
    assert "south" not in words(local.get(asked)).split("What goes")[0].split("Who is meant")[1]
    local.fill_in(asked, asked, word="forget")
    assert store.ledger.get("north-profile", "user", student.sourced_id) is None
    assert store.ledger.get("south-profile", "user", student.sourced_id) is not None
