"""Every function of the plugin local_matricula on a real Moodle, held against Moodle's own calls."""

import itertools
import json
from collections.abc import Iterator

import pytest
from plugin_site import NOBODY, STUDENT, TEACHER, PluginSite, plugin_site
from real_site import ON_A_REAL_SITE, TOKEN, URL

from matricula.moodle import Moodle

pytestmark = ON_A_REAL_SITE

HOUR, LATER = 3600, 2_000_000_000


@pytest.fixture
def site(mark: str) -> Iterator[PluginSite]:
    with Moodle(URL, TOKEN, callers=2) as moodle:
        functions = moodle.site().functions or ()
        if "local_matricula_get_snapshot" not in functions:
            pytest.skip("the site has no plugin local_matricula, or the token's service not its functions")
        with plugin_site(moodle, mark) as found:
            if not found.unpacked("get_site", "plugins").get("enrol_matricula", {}).get("enabled"):
                pytest.skip("the enrolment method Matricula is not enabled on the site")
            yield found


def is_enabled(site: PluginSite, plugin: str) -> bool:
    return bool(site.unpacked("get_site", "plugins").get(plugin, {}).get("enabled"))


def enrolled_by_core(site: PluginSite, course: int = 0) -> dict[int, list[int]]:
    """Roles of each person as Moodle's own call tells them."""
    found = site.core("core_enrol_get_enrolled_users", courseid=site.courses[course])
    return {person["id"]: sorted({role["roleid"] for role in person["roles"]}) for person in found}


def test_what_the_site_is(site) -> None:
    told = site.ask("get_site")
    assert told["version"] >= 2026112600
    assert told["release"]
    roles = {role["shortname"]: role for role in site.unpacked("get_site", "roles")}
    assert (roles["student"]["id"], roles["student"]["archetype"]) == (STUDENT, "student")
    assert roles["student"]["assignable"]
    assert not roles["guest"]["assignable"]
    assert set(site.unpacked("get_site", "settings")) == {"welcome", "maxinputvars", "sessiontimeout"}


def test_users_are_as_moodle_tells_them(site) -> None:
    asked = site.core("core_user_get_users_by_field", field="id", values=site.people)
    (field, *_) = [name for name in site.snapshot("user", id=site.people)[0] if name.startswith("profile_field_")] or [
        ""
    ]
    rows = {row["id"]: row for row in site.snapshot("user", id=site.people)}
    assert set(rows) == set(site.people)
    for person in asked:
        row = rows[person["id"]]
        for name in (
            "username",
            "email",
            "idnumber",
            "firstname",
            "lastname",
            "auth",
            "city",
            "lang",
            "timezone",
            "theme",
        ):
            assert row[name] == str(person.get(name, ""))
        assert (row["suspended"], row["confirmed"]) == (int(person["suspended"]), int(person["confirmed"]))
    assert not field or all(row[field] is not None for row in rows.values())
    by_email = site.snapshot("user", ["id"], email=[f"{site.mark}.ADA@School.example"])
    assert [row["id"] for row in by_email] == [site.people[0]]
    assert not site.snapshot("user", username=["guest"])


def test_courses_and_categories_are_as_moodle_tells_them(site) -> None:
    asked = {course["id"]: course for course in site.core("core_course_get_courses", options={"ids": site.courses})}
    for row in site.snapshot("course", id=site.courses):
        told = asked[row["id"]]
        for name in ("shortname", "fullname", "idnumber", "categoryid", "visible", "startdate", "enddate", "format"):
            assert row[name] == told[name]
        assert row["numsections"] == told["numsections"]
        for field in told.get("customfields", ()):
            assert row[f"customfield_{field['shortname']}"] == str(field["valueraw"])
    (category,) = site.snapshot("category", id=[site.category])
    (told,) = site.core("core_course_get_categories", criteria=[{"key": "id", "value": site.category}])
    for name in ("name", "parent", "visible", "depth", "path", "coursecount"):
        assert category[name] == told[name]


def test_pages_join_to_the_whole(site) -> None:
    rows, after = [], 0
    whole = site.ask("get_snapshot", kind="user", fields=["id"])
    for _ in range(10_000):
        page = site.ask("get_snapshot", kind="user", fields=["id"], after=after, limit=max(2, whole["count"] // 3))
        rows.append(page["columns"])
        after = page["next"]
        if not after:
            break
    assert "".join(rows).replace(']}{"id":[', ",") == whole["columns"]


def test_what_is_asked_wrongly_is_refused(site) -> None:
    for parameters in (
        {"kind": "nothing"},
        {"kind": "user", "fields": ["password"]},
        {"kind": "user", "filter": {"password": ["x"]}},
        {"kind": "user", "filter": "no JSON"},
    ):
        with pytest.raises(Exception, match=r"[Ii]nvalid"):
            site.ask("get_snapshot", **parameters)
    with pytest.raises(Exception, match=r"[Ii]nvalid"):
        site.ask("enrol", rows={"no": "list"})
    for function in ("enrol", "unenrol", "take_roles", "save_grade_items", "delete_grade_items", "save_grades"):
        assert site.codes(function, ["no row", None, {}, {"courseid": "x"}]) == ["failed"] * 4
    for function in ("copy_courses", "save_links", "delete_links", "save_cohort_syncs", "delete_cohort_syncs"):
        assert all(site.codes(function, ["no row", {}]))


def test_enrolments_by_both_methods(site) -> None:
    rows = [
        site.row(0, roleid=STUDENT, method="matricula", suspended=False, timestart=0, timeend=0, id=None),
        site.row(1, roleid=TEACHER, method="matricula", suspended=True, timestart=HOUR, timeend=2 * HOUR),
        site.row(2, roleid=STUDENT, method="manual", suspended=0),
        site.row(0, roleid=STUDENT, method="manual", suspended=0),
        {"courseid": site.courses[0], "userid": NOBODY, "roleid": STUDENT, "method": "matricula"},
        {"courseid": NOBODY, "userid": site.people[0], "roleid": STUDENT, "method": "matricula"},
        site.row(3, roleid=6, method="matricula"),
        site.row(3, roleid=STUDENT, method="self"),
        site.row(3, roleid=0, method="matricula"),
    ]
    outcomes = site.outcomes("enrol", rows)
    assert [outcome.get("code", "") for outcome in outcomes] == [
        "",
        "",
        "",
        "",
        "nouser",
        "nocourse",
        "norole",
        "failed",
        "",
    ]
    found = site.enrolments()
    ada, alan, grace, tia = site.people
    assert {key: (row["status"], row["roles"]) for key, row in found.items()} == {
        (ada, "matricula"): (0, "5"),
        (ada, "manual"): (0, "5"),
        (alan, "matricula"): (1, "3"),
        (grace, "manual"): (0, "5"),
        (tia, "matricula"): (0, ""),
    }
    assert found[alan, "matricula"]["timestart"] == HOUR
    assert found[alan, "matricula"]["timeend"] == 2 * HOUR
    assert [outcome["id"] for outcome in outcomes[:3]] == [
        found[ada, "matricula"]["id"],
        found[alan, "matricula"]["id"],
        found[grace, "manual"]["id"],
    ]
    assert enrolled_by_core(site) == {
        row["userid"]: [int(role) for role in row["roles"].split(",") if role] for row in found.values()
    }
    roles = site.snapshot("role", courseid=[site.courses[0]])
    assert {(row["userid"], row["component"]) for row in roles} == {
        (ada, "enrol_matricula"),
        (ada, ""),
        (alan, "enrol_matricula"),
        (grace, ""),
    }


def test_an_enrolment_is_changed_and_not_mistaken(site) -> None:
    (first, other) = site.outcomes("enrol", [site.row(who, roleid=STUDENT, method="matricula") for who in (0, 1)])
    again = site.row(0, roleid=STUDENT, method="matricula", suspended=True, timeend=HOUR, id=first["id"])
    wrong = site.row(0, roleid=STUDENT, method="matricula", id=other["id"])
    by_hand = site.row(0, roleid=STUDENT, method="manual", id=first["id"])
    outcomes = site.outcomes("enrol", [again, wrong, by_hand])
    assert outcomes[0] == first
    assert [outcome.get("code") for outcome in outcomes] == [None, "other", "other"]
    row = site.enrolments()[site.people[0], "matricula"]
    assert (row["id"], row["status"], row["timeend"]) == (first["id"], 1, HOUR)


def test_only_the_enrolment_named_ends(site) -> None:
    by_both = [site.row(0, roleid=STUDENT, method=method) for method in ("matricula", "manual")]
    own, by_hand = (outcome["id"] for outcome in site.outcomes("enrol", by_both))
    assert site.codes("unenrol", [site.row(0, method="matricula", id=by_hand)]) == ["other"]
    gone = {"courseid": NOBODY, "userid": site.people[0], "method": "matricula"}
    assert site.codes("unenrol", [site.row(0, method="matricula", id=own), site.row(3, method="manual"), gone]) == [
        "",
        "",
        "",
    ]
    assert set(site.enrolments()) == {(site.people[0], "manual")}
    assert enrolled_by_core(site) == {site.people[0]: [STUDENT]}


def test_roles_are_taken(site) -> None:
    site.outcomes("enrol", [site.row(0, roleid=role, method="matricula") for role in (STUDENT, TEACHER)])
    site.outcomes("enrol", [site.row(0, roleid=STUDENT, method="manual")])
    rows = [
        site.row(0, roleid=STUDENT),
        site.row(1, roleid=STUDENT),
        {**site.row(0, roleid=STUDENT), "courseid": NOBODY},
    ]
    assert site.codes("take_roles", rows) == ["", "", ""]
    assert enrolled_by_core(site) == {site.people[0]: [TEACHER]}


def test_group_memberships_stay(site) -> None:
    enrol = site.row(0, roleid=STUDENT, method="matricula")
    site.outcomes("enrol", [enrol])
    group = site.moodle.groups.create([{"courseid": site.courses[0], "name": "A & B", "description": ""}])[0].id
    site.moodle.groups.add_members([{"groupid": group, "userid": site.people[0]}])
    site.outcomes("enrol", [{**enrol, "suspended": True}])
    assert [row["userid"] for row in site.snapshot("group-member", courseid=[site.courses[0]])] == [site.people[0]]
    (row,) = site.snapshot("group", courseid=[site.courses[0]])
    assert (row["id"], row["name"]) == (group, "A & B")


def test_an_enrolment_by_hand_is_moved_in_place(site) -> None:
    site.outcomes("enrol", [site.row(0, roleid=STUDENT, method="manual", suspended=False, timeend=LATER)])
    (item,) = site.outcomes("save_grade_items", [items_row(site)])
    site.outcomes("save_grades", [site.row(0, itemid=item["id"], grade=7)])
    before = site.enrolments()[site.people[0], "manual"]
    moved = {"id": before["id"], "from": "manual", "grades": 1}
    rows = [site.row(0), site.row(1), {"courseid": NOBODY, "userid": site.people[0]}, {**site.row(0), "userid": NOBODY}]
    told = site.outcomes("move_enrolments", rows, preview=1)
    assert told[0] == moved
    assert [outcome.get("code") for outcome in told] == [None, "notmanual", "nocourse", "nouser"]
    assert set(site.enrolments()) == {(site.people[0], "manual")}
    assert site.outcomes("move_enrolments", rows)[0] == moved
    (after,) = site.enrolments().values()
    changed = {"method", "instanceid"}
    assert {key: after[key] for key in after if key not in changed} == {
        key: before[key] for key in before if key not in changed
    }
    assert after["method"] == "matricula"
    (role,) = site.snapshot("role", courseid=[site.courses[0]])
    assert (role["component"], role["itemid"]) == ("enrol_matricula", after["instanceid"])
    assert site.outcomes("move_enrolments", rows[:1]) == [{**moved, "from": "matricula"}]
    assert grades(site)[item["id"]] == {site.people[0]: 7}


def items_row(site: PluginSite, **more: object) -> dict[str, object]:
    row = {"courseid": site.courses[0], "idnumber": f"{site.mark}-test", "name": "Test & more", "max": 20, "min": 0}
    return {**row, "category": "Tests", "hidden": False, **more}


def grades(site: PluginSite) -> dict[int, dict[int, float | None]]:
    """Grades of manual items by item and person, as Moodle's own call tells them."""
    found: dict[int, dict[int, float | None]] = {}
    told = site.core("gradereport_user_get_grade_items", courseid=site.courses[0])
    for person, item in itertools.chain.from_iterable(
        ((user["userid"], item) for item in user["gradeitems"]) for user in told["usergrades"]
    ):
        if item["itemtype"] == "manual":
            found.setdefault(item["id"], {})[person] = item["graderaw"]
    return found


def test_grade_items(site) -> None:
    rows = [items_row(site), items_row(site, courseid=NOBODY), items_row(site, max=0), items_row(site, id=NOBODY)]
    outcomes = site.outcomes("save_grade_items", rows)
    assert [outcome.get("code") for outcome in outcomes] == [None, "nocourse", "failed", "noitem"]
    item = outcomes[0]["id"]
    assert site.outcomes("save_grade_items", [items_row(site, name="Renamed", category="", hidden=True)]) == [
        {"id": item}
    ]
    assert site.outcomes("save_grade_items", [items_row(site, id=item, idnumber="", max=5.5)]) == [{"id": item}]
    site.outcomes("enrol", [site.row(0, roleid=STUDENT, method="matricula")])
    told = site.core("gradereport_user_get_grade_items", courseid=site.courses[0])["usergrades"][0]["gradeitems"]
    (found,) = [each for each in told if each["id"] == item]
    assert (found["itemname"], found["grademax"], found["idnumber"]) == ("Test & more", 5.5, "")
    (course,) = [each for each in told if each["itemtype"] == "course"]
    gone = {"courseid": site.courses[0], "id": item}
    assert site.codes("delete_grade_items", [gone, gone, {**gone, "id": course["id"]}]) == ["", "", "noitem"]
    assert not grades(site)


def test_grades(site) -> None:
    (item,) = (outcome["id"] for outcome in site.outcomes("save_grade_items", [items_row(site)]))
    site.outcomes("enrol", [site.row(who, roleid=STUDENT, method="matricula") for who in (0, 1)])

    def row(who: int, grade: float | None, **more: object) -> dict[str, object]:
        return {**site.row(who, itemid=item, grade=grade), **more}

    outcomes = site.outcomes(
        "save_grades",
        [
            row(0, 12.5, feedback="Good & <quick>"),
            row(1, None),
            row(2, 3),
            row(0, 21),
            row(0, -1),
            row(0, 1, userid=NOBODY),
            row(0, 1, itemid=NOBODY),
            row(0, "ten"),
        ],
    )
    codes = [None, None, "notenrolled", "beyond", "beyond", "nouser", "noitem", "failed"]
    assert [outcome.get("code") for outcome in outcomes] == codes
    assert outcomes[0]["grade"] == 12.5
    assert outcomes[1] == {"id": None, "grade": None}
    assert grades(site)[item] == {site.people[0]: 12.5, site.people[1]: None}
    assert site.outcomes("save_grades", [row(0, 13)])[0] == {"id": outcomes[0]["id"], "grade": 13}
    told = site.core("gradereport_user_get_grade_items", courseid=site.courses[0], userid=site.people[0])
    (found,) = [each for each in told["usergrades"][0]["gradeitems"] if each["id"] == item]
    assert "Good" in found["feedback"]
    assert site.outcomes("save_grades", [row(0, None)])[0]["grade"] is None
    assert grades(site)[item][site.people[0]] is None


def test_copies_of_a_course(site) -> None:
    site.outcomes("enrol", [site.row(0, roleid=STUDENT, method="matricula")])
    site.outcomes("save_grade_items", [items_row(site)])
    copy = {
        "templateid": site.courses[0],
        "categoryid": site.category,
        "fullname": "Copy & more",
        "startdate": 1_800_000_000,
    }
    rows = [
        {**copy, "shortname": f"{site.mark}-c1", "idnumber": f"{site.mark}.c1", "visible": False, "summary": "About"},
        {**copy, "shortname": f"{site.mark}-c2", "enddate": 1_900_000_000},
        {**copy, "shortname": f"{site.mark}-a"},
        {**copy, "shortname": f"{site.mark}-c3", "idnumber": f"{site.mark}.a"},
        {**copy, "shortname": f"{site.mark}-c4", "templateid": NOBODY},
        {**copy, "shortname": f"{site.mark}-c5", "categoryid": NOBODY},
        {**copy, "shortname": f"{site.mark}-c6", "customfields": {"nosuchfield": "x"}},
        {**copy, "shortname": ""},
    ]
    outcomes = site.outcomes("copy_courses", rows)
    codes = [None, None, "taken", "taken", "nocourse", "nocategory", "nofield", "failed"]
    assert [outcome.get("code") for outcome in outcomes] == codes
    ids = [outcome["id"] for outcome in outcomes[:2]]
    hidden, shown = site.snapshot("course", id=ids)
    assert (hidden["idnumber"], hidden["visible"], hidden["summary"]) == (f"{site.mark}.c1", 0, "About")
    assert (shown["idnumber"], shown["visible"], shown["enddate"]) == ("", 1, 1_900_000_000)
    assert (hidden["startdate"], hidden["fullname"]) == (1_800_000_000, "Copy & more")
    assert not site.snapshot("enrolment", courseid=ids)
    assert {row["id"] for row in site.snapshot("course", categoryid=[site.category])} == {*site.courses, *ids}


def test_meta_links(site) -> None:
    link = {"courseid": site.courses[0], "linkedid": site.courses[1]}
    if not is_enabled(site, "enrol_meta"):
        assert site.codes("save_links", [link]) == ["noplugin"]
        pytest.skip("course meta-link enrolment is disabled on the site")
    site.outcomes("enrol", [site.row(0, 1, roleid=STUDENT, method="matricula")])
    rows = [
        link,
        link,
        {**link, "linkedid": site.courses[0]},
        {**link, "linkedid": NOBODY},
        {**link, "courseid": NOBODY},
    ]
    outcomes = site.outcomes("save_links", rows)
    assert [outcome.get("code") for outcome in outcomes] == [None, None, "failed", "nocourse", "nocourse"]
    assert outcomes[0] == outcomes[1]
    assert site.enrolments()[site.people[0], "meta"]["instanceid"] == outcomes[0]["id"]
    assert site.outcomes("delete_links", [link, link]) == [outcomes[0], {"id": None}]
    assert not site.enrolments()


def test_cohort_syncs(site) -> None:
    cohort = site.moodle.write(
        "core_cohort_create_cohorts",
        {
            "cohorts": [
                {"categorytype": {"type": "id", "value": str(site.category)}, "name": site.mark, "idnumber": site.mark}
            ]
        },
    )[0]["id"]
    member = {
        "cohorttype": {"type": "id", "value": str(cohort)},
        "usertype": {"type": "id", "value": str(site.people[0])},
    }
    site.moodle.write("core_cohort_add_cohort_members", {"members": [member]})
    assert [row["userid"] for row in site.snapshot("cohort-member", cohortid=[cohort])] == [site.people[0]]
    assert site.snapshot("cohort", id=[cohort])[0]["idnumber"] == site.mark
    sync = {"courseid": site.courses[0], "cohortid": cohort, "roleid": STUDENT, "groupid": 0}
    if not is_enabled(site, "enrol_cohort"):
        assert site.codes("save_cohort_syncs", [sync]) == ["noplugin"]
        pytest.skip("cohort enrolment is disabled on the site")
    rows = [
        sync,
        {**sync, "cohortid": NOBODY},
        {**sync, "roleid": 6},
        {**sync, "groupid": NOBODY},
        {**sync, "courseid": NOBODY},
    ]
    outcomes = site.outcomes("save_cohort_syncs", rows)
    assert [outcome.get("code") for outcome in outcomes] == [None, "nocohort", "norole", "nogroup", "nocourse"]
    assert site.enrolments()[site.people[0], "cohort"]["roles"] == str(STUDENT)
    group = site.moodle.groups.create([{"courseid": site.courses[0], "name": "All", "description": ""}])[0].id
    assert site.outcomes("save_cohort_syncs", [{**sync, "groupid": group}]) == outcomes[:1]
    assert [row["groupid"] for row in site.snapshot("group-member", courseid=[site.courses[0]])] == [group]
    assert site.outcomes("delete_cohort_syncs", [sync, sync]) == [outcomes[0], {"id": None}]
    assert not site.enrolments()


def test_custom_fields_of_courses(site) -> None:
    row = {"courseid": site.courses[0]}
    refused = [{**row, "fields": {"nosuchfield": "x"}}, {"courseid": NOBODY, "fields": {}}, {**row, "fields": "text"}]
    assert site.codes("save_course_fields", refused) == ["nofield", "nocourse", "failed"]
    fields = {field["shortname"]: field for field in custom_fields(site)}
    for name in [name for name, field in fields.items() if field["type"] in ("text", "textarea")]:
        assert site.codes("save_course_fields", [{**row, "fields": {name: "R & D"}}]) == [""]
        assert site.snapshot("course", id=[site.courses[0]])[0][f"customfield_{name}"] == "R & D"
    for name in [name for name, field in fields.items() if field["type"] == "select"]:
        assert site.codes("save_course_fields", [{**row, "fields": {name: "no such option"}}]) == ["badvalue"]
        assert site.codes("save_course_fields", [{**row, "fields": {name: "1"}}]) == [""]
        assert site.snapshot("course", id=[site.courses[0]])[0][f"customfield_{name}"] == "1"
    for told in custom_fields(site):
        assert site.snapshot("course", id=site.courses[:1])[0][f"customfield_{told['shortname']}"] == str(
            told["valueraw"]
        )


def custom_fields(site: PluginSite) -> list[dict[str, str]]:
    (course,) = site.core("core_course_get_courses", options={"ids": site.courses[:1]})
    told: list[dict[str, str]] = course.get("customfields", [])
    return told


def test_welcome_messages_go_silent(site) -> None:
    site.outcomes("enrol", [site.row(0, roleid=STUDENT, method="manual")])
    outcomes = json.loads(site.ask("silence", courseids=[site.courses[0], NOBODY])["outcomes"])
    assert outcomes[0]["id"] == site.enrolments()[site.people[0], "manual"]["instanceid"]
    assert outcomes[1]["code"] == "nocourse"


def test_stamps_change_with_what_they_stand_for(site) -> None:
    course = site.courses[0]
    before = site.unpacked("get_stamps", "stamps")
    site.outcomes("enrol", [site.row(0, roleid=STUDENT, method="matricula")])
    enrolled = site.unpacked("get_stamps", "stamps")
    assert enrolled["enrolment"] != before["enrolment"]
    assert enrolled["role"] != before["role"]
    assert enrolled["cohort-member"] == before["cohort-member"]
    site.outcomes("take_roles", [site.row(0, roleid=STUDENT)])
    taken = site.unpacked("get_stamps", "stamps")
    assert taken["role"] != enrolled["role"]
    group = site.moodle.groups.create([{"courseid": course, "name": "G", "description": ""}])[0].id
    site.moodle.groups.add_members([{"groupid": group, "userid": site.people[0]}])
    grouped = site.unpacked("get_stamps", "stamps")
    assert grouped["group"] != taken["group"]
    assert grouped["group-member"] != taken["group-member"]
    site.moodle.write("core_course_update_courses", {"courses": [{"id": course, "visible": 0}]})
    site.moodle.write("core_user_update_users", {"users": [{"id": site.people[0], "city": "Bern"}]})
    changed = site.unpacked("get_stamps", "stamps")
    assert changed["course"] != grouped["course"]
    assert changed["user"] != grouped["user"]
    assert changed["grouping"] == grouped["grouping"]
