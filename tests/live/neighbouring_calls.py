"""Sequences of calls, near those of the recorded transcripts, to be put to two sites alike.

Each is a function taking ``ask(function, **params)``, which returns the site's answer, and ``tag``, a
text that is different in every run so that nothing clashes with what a site holds already.
"""

PASSWORD = "Pass.12345"
MISSING = 99999999


def person(tag, name, **more):
    given = {"firstname": name, "lastname": "Tester", "email": f"{name}.{tag}@school.example"}
    return {"username": f"{tag}{name}".lower(), "password": PASSWORD, **given, **more}


def made(answer):
    return [entry["id"] for entry in answer]


def refused_people(ask, tag):
    def one(**fields):
        return ask("core_user_create_users", users=[person(tag, "x") | fields])

    one(username=f"{tag} blank")
    one(username="")
    one(email="")
    one(email=f"a..b.{tag}@school.example")
    one(email=f"a@{tag}")
    one(email=f" {tag}@school.example")
    one(email=f"zoë.{tag}@school.example")
    one(idnumber="i" * 256)
    one(phone1="1" * 21)
    one(city="c" * 121)
    one(country="NZL")
    one(country="N1")
    one(lang="de")
    one(lang="")
    one(auth="")
    one(auth="mnet")
    one(auth="nologin", password="")
    one(auth="oauth2")
    one(password="")
    one(password="nodigits.A")
    one(password="12345678")
    one(timezone="Mars/Olympus")
    one(theme="nosuch")
    one(calendartype="islamic")
    one(maildisplay="x")
    one(firstname=" ")
    one(lastname="a<b")
    one(lastname="a < b")
    one(lastname="<script>")
    one(lastname='<span lang="en" class="multilang">x</span>')
    one(city="<b>x</b>")
    one(description="<b>x</b>")
    one(createpassword=2)
    one(createpassword="true")
    one(preferences=[{"type": "x"}])
    one(customfields=[{"type": "bad field", "value": "1"}])
    ask("core_user_create_users", users="text")
    ask("core_user_create_users", users=[])
    ask("core_user_create_users", users=[{}])
    ask("core_user_get_users_by_field", field="email", values=[])
    ask("core_user_get_users_by_field", field="user name", values=["x"])
    ask("core_user_get_users_by_field", field="id", values=["1.0", " 2"])
    ask("core_user_get_users_by_field", field="idnumber", values=[""])


def people(ask, tag):
    users = [
        person(tag, "ann", idnumber=f"{tag}-Aé", description="a & b", descriptionformat="x"),
    ]
    ask("core_user_create_users", users=users)
    users = [
        person(tag, "ann", idnumber=f"{tag}-Aé", description="a & <b>b</b>", interests="x, y,,x"),
        person(tag, "bob", idnumber=f"{tag}-0", country="ZZ", middlename="Q", alternatename="R"),
        person(tag, "cyd", idnumber="0", institution="I", maildisplay=0, timezone="Pacific/Auckland"),
    ]
    ann, bob, cyd = made(ask("core_user_create_users", users=users))
    ask("core_user_get_users_by_field", field="id", values=[cyd, ann, bob, ann])
    ask("core_user_get_users_by_field", field="idnumber", values=[f"{tag}-ae", f"{tag}-0"])
    ask("core_user_get_users_by_field", field="idnumber", values=["0"])
    ask("core_user_get_users_by_field", field="email", values=[f"ANN.{tag}@school.example"])
    ask("core_user_get_users", criteria=[{"key": "idnumber", "value": f"{tag}-AE"}])
    ask("core_user_get_users", criteria=[{"key": "email", "value": f"_nn.{tag}@%"}])
    ask("core_user_get_users", criteria=[{"key": "email", "value": f"%.{tag}@%"}, {"key": "firstname", "value": "B%"}])
    ask("core_user_get_users", criteria=[{"key": "username", "value": f"{tag}ANN"}])
    ask("core_user_get_users", criteria=[{"key": "id", "value": f"{ann}x"}])
    ask("core_user_get_users", criteria=[{"key": "email", "value": f"%.{tag}@%"}, {"key": "auth", "value": "manual"}])

    def change(**fields):
        ask("core_user_update_users", users=[{"id": ann} | fields])

    change(email=f"BOB.{tag}@school.example")
    change(email=f"ann.{tag}@SCHOOL.example")
    change(firstname="", lastname="  ")
    change(firstname="x" * 101)
    change(username=f"{tag}bob")
    change(country="XX", city="")
    change(suspended="yes")
    change(suspended=1, lang="en", theme="", calendartype="")
    change(password="weak")
    change(password="")
    change(description="")
    change(auth="db")
    change(interests="")
    change(customfields=[{"type": "housename", "value": ""}, {"type": "yeargroup", "value": "0"}])
    ask("core_user_get_users_by_field", field="id", values=[ann])
    ask("core_user_update_users", users=[{"id": 1, "city": "x"}, {"id": MISSING}, {"id": bob, "city": "Y"}])
    ask("core_user_update_users", users=[])
    ask("core_user_delete_users", userids=[cyd, cyd])
    ask("core_user_delete_users", userids=[1])
    ask("core_user_delete_users", userids=[2])
    ask("core_user_delete_users", userids=[cyd])
    ask("core_user_update_users", users=[{"id": cyd, "city": "x"}])
    ask("core_user_get_users", criteria=[{"key": "id", "value": cyd}])
    ask("core_user_create_users", users=[person(tag, "cyd")])
    ask("core_user_delete_users", userids=[])


def category_trees(ask, tag):
    create = "core_course_create_categories"
    (top,) = made(ask(create, categories=[{"name": f"{tag} A & B", "idnumber": f"{tag}-k"}]))
    low, mid = made(ask(create, categories=[{"name": "Low", "parent": top}, {"name": "Mid", "parent": top}]))
    ask(create, categories=[{"name": "x", "idnumber": f"{tag}-K"}])
    ask(create, categories=[{"name": "n" * 256}])
    ask(create, categories=[{"name": "x", "idnumber": "i" * 101}])
    ask(create, categories=[{"name": "0"}])
    ask(create, categories=[{"name": "<b>x</b>"}])
    ask(create, categories=[{"name": "x", "descriptionformat": 9}])
    ask(create, categories=[{"name": "x", "parent": top, "description": "a & <i>b</i>\nc", "descriptionformat": 0}])
    ask(create, categories=[])
    get = "core_course_get_categories"
    ask(get, criteria=[{"key": "idnumber", "value": f"{tag}-K"}])
    ask(get, criteria=[{"key": "name", "value": f"{tag} a & b"}])
    ask(get, criteria=[{"key": "parent", "value": top}, {"key": "name", "value": "low"}])
    ask(get, criteria=[{"key": "ids", "value": f"{low},,{mid}x"}])
    ask(get, criteria=[{"key": "id", "value": "abc"}])
    ask(get, criteria=[{"key": "visible", "value": 1}, {"key": "parent", "value": top}], addsubcategories=0)
    update = "core_course_update_categories"
    ask(update, categories=[{"id": low, "idnumber": f"{tag}-k"}])
    ask(update, categories=[{"id": low, "idnumber": f"{tag}-l", "name": ""}])
    ask(update, categories=[{"id": low, "parent": mid}, {"id": mid, "name": "Middle"}])
    ask(update, categories=[{"id": low, "parent": MISSING}])
    ask(update, categories=[{"id": low, "parent": low}])
    ask(update, categories=[{"id": low, "parent": 0}])
    ask(get, criteria=[{"key": "id", "value": low}])
    ask(update, categories=[{"id": low, "parent": top, "idnumber": ""}])
    ask(get, criteria=[{"key": "id", "value": top}])
    delete = "core_course_delete_categories"
    ask(delete, categories=[{"id": top}])
    ask(delete, categories=[{"id": mid, "newparent": MISSING}])
    ask(delete, categories=[{"id": mid}])
    ask(get, criteria=[{"key": "id", "value": top}])
    ask(delete, categories=[{"id": top, "recursive": 1}, {"id": MISSING}])
    ask(delete, categories=[{"id": top, "recursive": 1}])


def a_category(ask, tag):
    (key,) = made(ask("core_course_create_categories", categories=[{"name": f"{tag} home"}]))
    return key


def course_rules(ask, tag):
    home = a_category(ask, tag)
    create, update, get = "core_course_create_courses", "core_course_update_courses", "core_course_get_courses"

    def course(name, **more):
        return {"fullname": f"{tag} {name}", "shortname": f"{tag}-{name}", "categoryid": home, **more}

    one, two, three = made(
        ask(
            create,
            courses=[
                course("One", idnumber=f"{tag}-1"),
                course("Two", format="weeks", startdate=1800000000, summary="x & <b>y</b>"),
                course("Three", numsections=3, format="social", visible=0),
            ],
        )
    )
    ask(get, options={"ids": [three, one, two]})
    ask(get, options={"ids": [one, MISSING]})
    ask("core_course_get_courses_by_field", field="ids", value=f"{one},{MISSING}")
    ask("core_course_get_courses_by_field", field="ids", value=f"{two},,{one}x")
    ask("core_course_get_courses_by_field", field="category", value=home)
    ask("core_course_get_courses_by_field", field="shortname", value=f"{tag}-ONE")
    ask("core_course_get_courses_by_field", field="idnumber", value=f"{tag}-1 ")
    ask("core_course_get_courses_by_field", field="id", value="abc")
    ask("core_course_get_contents", courseid=two)
    ask("core_course_get_contents", courseid=three, options=[{"name": "sectionnumber", "value": 1}])
    ask("core_course_get_contents", courseid=three, options=[{"name": "odd", "value": 1}])
    ask("core_course_get_contents", courseid=MISSING)
    for number, wrong in enumerate(
        (
            {"shortname": f"{tag}-one"},
            {"idnumber": f"{tag}-1"},
            {"shortname": " "},
            {"shortname": "s" * 256},
            {"idnumber": "i" * 101},
            {"fullname": "f" * 255},
            {"fullname": "f" * 1334},
            {"lang": "de"},
            {"lang": ""},
            {"startdate": 0, "enddate": 5},
            {"enddate": 1},
            {"startdate": ""},
            {"format": "no such"},
            {"summaryformat": 7},
            {"visible": "yes"},
            {"fullname": "a <b"},
            {"customfields": [{"shortname": "none", "value": "1"}]},
            {"courseformatoptions": [{"name": "hiddensections", "value": "x"}, {"name": "odd", "value": 1}]},
            {"format": "weeks", "numsections": 2, "enddate": 1900000000},
            {"format": "weeks", "numsections": 2, "courseformatoptions": [{"name": "automaticenddate", "value": 0}]},
            {"format": "singleactivity"},
            {"shortname": ""},
        )
    ):
        ask(create, courses=[course(f"Wrong{number}", **wrong)])
        ask("core_course_get_courses_by_field", field="shortname", value=f"{tag}-wrong{number}")
    ask(create, courses=[course("Batch"), course("Lost", categoryid=0)])

    def change(key, **fields):
        ask(update, courses=[{"id": key} | fields])
        ask(get, options={"ids": [key]})

    change(one, shortname=f"{tag}-ONE")
    change(one, shortname=f"{tag}-two")
    change(one, enddate=1900000000)
    change(one, startdate=1800000000, enddate=1700000000)
    change(one, startdate=1800000000)
    change(one, format="weeks", courseformatoptions=[{"name": "coursedisplay", "value": 1}])
    change(one, format="topics")
    change(one, fullname=" ")
    change(one, fullname="<i>x</i>")
    change(one, idnumber="")
    change(one, visible=0, summary="s", summaryformat=2)
    change(one, lang="xx")
    change(one, shortname="s" * 256)
    change(two, numsections=9)
    ask(update, courses=[{"id": 1, "fullname": "No"}])
    other = a_category(ask, f"{tag}o")
    ask(update, courses=[{"id": one, "categoryid": other}, {"id": two, "categoryid": other}])
    ask("core_course_get_courses_by_field", field="category", value=other)
    ask("core_course_search_courses", criterianame="search", criteriavalue=f"{tag}")
    ask("core_course_search_courses", criterianame="search", criteriavalue=f"{tag} TWO", perpage=1)
    ask("core_course_search_courses", criterianame="odd", criteriavalue="x")
    ask("core_course_delete_courses", courseids=[one, one])
    ask("core_course_delete_categories", categories=[{"id": other, "newparent": home}])
    ask("core_course_get_courses_by_field", field="category", value=home)
    ask("core_course_delete_categories", categories=[{"id": home, "recursive": 1}])
    ask("core_course_get_courses_by_field", field="id", value=two)


def a_course_with_people(ask, tag):
    home = a_category(ask, tag)
    courses = [{"fullname": f"{tag} {name}", "shortname": f"{tag}{name}", "categoryid": home} for name in ("P", "Q")]
    users = [person(tag, name) for name in ("ann", "bob", "cyd", "dee")]
    first, second = made(ask("core_course_create_courses", courses=courses))
    return first, second, made(ask("core_user_create_users", users=users))


def enrolling(ask, tag):
    course, other, (ann, bob, cyd, dee) = a_course_with_people(ask, tag)
    enrol, unenrol, read = (
        "enrol_manual_enrol_users",
        "enrol_manual_unenrol_users",
        "core_enrol_get_enrolled_users",
    )

    def row(user, role=5, where=course, **more):
        return {"roleid": role, "userid": user, "courseid": where, **more}

    def seen(**options):
        wishes = {"userfields": "id,username,roles,groups,enrolledcourses"} | options
        ask(read, courseid=course, options=[{"name": n, "value": v} for n, v in wishes.items()])

    ask(enrol, enrolments=[])
    ask(enrol, enrolments=[row(ann, where=1)])
    ask(enrol, enrolments=[row(ann, 7, where=1)])
    ask(enrol, enrolments=[row(1)])
    ask(enrol, enrolments=[row(MISSING)])
    ask(enrol, enrolments=[row(MISSING, 999)])
    ask(enrol, enrolments=[row(0)])
    ask(enrol, enrolments=[row(ann), row(bob, 2)])
    ask(enrol, enrolments=[row(ann, suspend=2), row(bob, 4), row(bob, 5), row(cyd, timeend=1500000000)])
    ask(enrol, enrolments=[row(dee, timestart=1900000000), row(ann, where=other), row(dee, 1, where=other)])
    seen()
    seen(onlyactive=1)
    seen(onlysuspended=1)
    seen(onlyactive=1, onlysuspended=1)
    seen(sortby="lastname", sortdirection="desc")
    seen(sortby="firstname", limitfrom=1, limitnumber=2)
    seen(sortby="email")
    seen(sortdirection="up")
    seen(userfields="id,shoesize")
    seen(userfields="")
    seen(withcapability="moodle/course:update")
    seen(groupid=MISSING)
    ask(read, courseid=course)
    ask(read, courseid=0)
    ask("core_user_update_users", users=[{"id": bob, "suspended": 1}])
    seen(onlyactive=1)
    ask(enrol, enrolments=[row(cyd), row(ann)])
    seen(onlyactive=1)
    ask("core_enrol_get_users_courses", userid=ann)
    ask("core_enrol_get_users_courses", userid=dee, returnusercount=0)
    ask("core_enrol_get_users_courses", userid=MISSING)
    ask("core_user_get_course_user_profiles", userlist=[{"userid": ann, "courseid": course}])
    ask("core_user_get_course_user_profiles", userlist=[{"userid": ann, "courseid": MISSING}])
    ask("core_enrol_get_course_enrolment_methods", courseid=course)
    ask("core_enrol_get_course_enrolment_methods", courseid=MISSING)
    ask(
        "core_enrol_get_enrolled_users_with_capability",
        coursecapabilities=[{"courseid": course, "capabilities": ["moodle/course:viewparticipants"]}],
        options=[{"name": "userfields", "value": "id,username"}],
    )
    ask("core_enrol_get_enrolled_users_with_capability", coursecapabilities=[])
    ask(
        "core_role_assign_roles",
        assignments=[{"roleid": 3, "userid": cyd, "contextlevel": "course", "instanceid": course}],
    )
    ask(
        "core_role_assign_roles", assignments=[{"roleid": 5, "userid": cyd, "contextlevel": "50", "instanceid": course}]
    )
    ask("core_role_assign_roles", assignments=[{"roleid": 3, "userid": cyd, "contextlevel": "system", "instanceid": 0}])
    ask("core_role_assign_roles", assignments=[{"roleid": 3, "userid": cyd, "contextlevel": "planet", "instanceid": 0}])
    ask(
        "core_role_assign_roles",
        assignments=[{"roleid": 3, "userid": cyd, "contextlevel": "course", "instanceid": MISSING}],
    )
    ask("core_role_assign_roles", assignments=[{"roleid": 3, "userid": cyd}])
    ask(
        "core_role_assign_roles",
        assignments=[{"roleid": 3, "userid": MISSING, "contextlevel": "course", "instanceid": course}],
    )
    ask(
        "core_role_unassign_roles",
        unassignments=[{"roleid": 4, "userid": bob, "contextlevel": "course", "instanceid": course}],
    )
    seen()
    ask(unenrol, enrolments=[{"userid": ann, "courseid": MISSING}])
    ask(unenrol, enrolments=[{"userid": ann, "courseid": 1}])
    ask(unenrol, enrolments=[{"userid": ann, "courseid": course, "roleid": 999}])
    seen()
    ask("core_enrol_unenrol_user_enrolment", ueid=MISSING)
    ask("core_user_delete_users", userids=[cyd])
    seen()
    ask(enrol, enrolments=[row(cyd)])
    ask("core_course_get_courses_by_field", field="id", value=course)


def grouping_people(ask, tag):
    course, other, (ann, bob, cyd, _) = a_course_with_people(ask, tag)
    ask("enrol_manual_enrol_users", enrolments=[{"roleid": 5, "userid": u, "courseid": course} for u in (ann, bob)])
    create, update = "core_group_create_groups", "core_group_update_groups"

    def group(name, where=course, **more):
        return {"courseid": where, "name": name, "description": "", **more}

    one, two = made(
        ask(create, groups=[group(" One & a ", idnumber=" n1 "), group("Two", visibility=2, enrolmentkey="k")])
    )
    ask(create, groups=[group("one & A")])
    ask(create, groups=[group("Three", idnumber="N1")])
    ask(create, groups=[group("Three", visibility=4)])
    ask(create, groups=[group("Three", descriptionformat=3)])
    ask(create, groups=[group(" ")])
    ask(create, groups=[group("n" * 255)])
    ask(create, groups=[group("i", idnumber="i" * 101)])
    ask(create, groups=[{"courseid": course, "name": "no description"}])
    ask(create, groups=[group("A"), group("Two")])
    ask(create, groups=[group("Two", other, idnumber="n1")])
    ask("core_group_get_groups", groupids=[two, one])
    ask("core_group_get_course_groups", courseid=course)
    ask("core_group_get_course_groups", courseid=MISSING)
    add, drop = "core_group_add_group_members", "core_group_delete_group_members"
    ask(add, members=[{"groupid": one, "userid": ann}, {"groupid": one, "userid": MISSING}])
    ask(add, members=[{"groupid": MISSING, "userid": ann}])
    ask(add, members=[{"groupid": one, "userid": cyd}])
    ask(add, members=[{"groupid": one, "userid": bob}, {"groupid": one, "userid": ann}])
    ask("core_group_get_group_members", groupids=[one, two])
    ask("core_group_get_group_members", groupids=[MISSING])
    ask(update, groups=[{"id": one, "name": "ONE & A"}])
    ask(update, groups=[{"id": one, "name": "Uno", "idnumber": "n9", "description": "d"}])
    ask(update, groups=[{"id": one, "name": "Two"}])
    ask(update, groups=[{"id": one, "name": "Uno", "visibility": 1}])
    ask(update, groups=[{"id": one, "name": "Uno", "participation": 1}])
    ask(update, groups=[{"id": two, "name": "Two", "visibility": 0}])
    ask(update, groups=[{"id": MISSING, "name": "x"}])
    ask("core_group_get_groups", groupids=[one, two])
    ask("core_group_get_course_user_groups", courseid=course, userid=ann)
    ask("core_group_get_course_user_groups", courseid=course, userid=cyd)
    ask("core_group_get_course_user_groups", userid=ann)
    ask("core_group_get_course_user_groups", courseid=MISSING, userid=ann)
    ask("core_group_get_course_user_groups", courseid=course, userid=MISSING)
    groupings = "core_group_create_groupings"
    (houses,) = made(ask(groupings, groupings=[group("Houses & c", idnumber="h")]))
    ask(groupings, groupings=[group("houses & C")])
    ask(groupings, groupings=[group("More", idnumber="H")])
    ask(groupings, groupings=[group("More", where=MISSING)])
    ask("core_group_assign_grouping", assignments=[{"groupingid": houses, "groupid": one}] * 2)
    ask("core_group_assign_grouping", assignments=[{"groupingid": houses, "groupid": MISSING}])
    ask("core_group_get_groupings", groupingids=[houses], returngroups=1)
    ask("core_group_get_groupings", groupingids=[MISSING])
    ask("core_group_get_course_groupings", courseid=course)
    ask("core_group_get_course_groupings", courseid=MISSING)
    ask("core_group_update_groupings", groupings=[{"id": houses, "name": "HOUSES & c", "description": ""}])
    ask("core_group_update_groupings", groupings=[{"id": houses, "name": "H", "description": "", "idnumber": ""}])
    ask("core_group_unassign_grouping", unassignments=[{"groupingid": houses, "groupid": two}])
    ask("core_group_delete_groupings", groupingids=[houses, MISSING])
    ask(drop, members=[{"groupid": one, "userid": cyd}])
    ask(drop, members=[{"groupid": one, "userid": MISSING}])
    ask("enrol_manual_unenrol_users", enrolments=[{"userid": ann, "courseid": course}])
    ask("core_group_get_group_members", groupids=[one])
    ask("core_group_delete_groups", groupids=[one, two, one])
    ask("core_group_get_course_groups", courseid=course)


def cohort_rules(ask, tag):
    users = made(ask("core_user_create_users", users=[person(tag, name) for name in ("ann", "bob")]))
    home = a_category(ask, tag)
    everywhere = {"type": "system", "value": ""}
    create, update = "core_cohort_create_cohorts", "core_cohort_update_cohorts"

    def cohort(name, **more):
        return {"categorytype": everywhere, "name": name, "idnumber": f"{tag}{name}", **more}

    one, two = made(
        ask(
            create,
            cohorts=[
                cohort("A & b", visible=0, description="x & y"),
                cohort("Two", categorytype={"type": "id", "value": home}),
            ],
        )
    )
    ask(create, cohorts=[cohort("a & B")])
    ask(create, cohorts=[cohort("c", categorytype={"type": "planet", "value": ""})])
    ask(create, cohorts=[cohort("c", categorytype={"type": "idnumber", "value": "no such"})])
    ask(create, cohorts=[cohort("c", descriptionformat=5)])
    ask(create, cohorts=[cohort("n" * 255)])
    ask(create, cohorts=[{"categorytype": everywhere, "name": "no number"}])
    ask("core_cohort_get_cohorts", cohortids=[two, one, MISSING])
    ask("core_cohort_search_cohorts", query=f"{tag}A", context={"contextlevel": "system", "instanceid": 0})
    ask("core_cohort_search_cohorts", query=tag, context={"contextlevel": "coursecat", "instanceid": home})
    ask("core_cohort_search_cohorts", query=tag, context={"contextid": 1}, includes="all")
    ask("core_cohort_search_cohorts", query=tag, context={"contextid": 1}, includes="odd")
    ask("core_cohort_search_cohorts", query="%", context={"contextid": 1}, includes="self")
    add = "core_cohort_add_cohort_members"

    def member(of, who):
        return {
            "cohorttype": dict(zip(("type", "value"), of, strict=True)),
            "usertype": dict(zip(("type", "value"), who, strict=True)),
        }

    ask(add, members=[member(("id", one), ("id", users[0])), member(("name", "x"), ("id", users[0]))])
    ask(
        add,
        members=[member(("idnumber", f"{tag}a & B"), ("username", f"{tag}BOB")), member(("id", MISSING), ("id", 2))],
    )
    ask(add, members=[member(("id", one), ("email", "x")), member(("id", one), ("id", MISSING))])
    ask("core_cohort_get_cohort_members", cohortids=[one, two])
    ask("core_cohort_get_cohort_members", cohortids=[MISSING])
    ask(update, cohorts=[cohort("Renamed", id=two)])
    ask(update, cohorts=[cohort(" ", id=two)])
    ask(update, cohorts=[cohort("x", id=MISSING)])
    ask("core_cohort_get_cohorts", cohortids=[two])
    ask("core_cohort_delete_cohort_members", members=[{"cohortid": one, "userid": users[1]}])
    ask("core_cohort_delete_cohort_members", members=[{"cohortid": one, "userid": MISSING}])
    ask("core_user_delete_users", userids=[users[0]])
    ask("core_cohort_get_cohort_members", cohortids=[one])
    ask("core_cohort_delete_cohorts", cohortids=[one, MISSING])
    ask("core_cohort_delete_cohorts", cohortids=[one, two])


def copying(ask, tag):
    course, other, (ann, *_) = a_course_with_people(ask, tag)
    ask("enrol_manual_enrol_users", enrolments=[{"roleid": 5, "userid": ann, "courseid": course}])
    home = a_category(ask, f"{tag}c")
    copy = "core_course_duplicate_course"
    wanted = {"courseid": course, "fullname": "Copy", "shortname": f"{tag}copy", "categoryid": home}
    ask(copy, **wanted | {"shortname": f"{tag}p"})
    ask(copy, **wanted | {"courseid": MISSING})
    ask(copy, **wanted | {"categoryid": MISSING})
    ask(copy, **wanted, options=[{"name": "users", "value": 2}])
    ask(copy, **wanted, options=[{"name": "odd", "value": 1}])
    answer = ask(copy, **wanted)
    if "id" in answer:
        ask("core_course_get_courses_by_field", field="id", value=answer["id"])
        ask("core_enrol_get_enrolled_users", courseid=answer["id"])
        ask("core_course_get_contents", courseid=answer["id"])
    ask("core_course_import_course", importfrom=course, importto=MISSING)
    ask("core_course_import_course", importfrom=course, importto=other, deletecontent=2)
    ask("core_course_import_course", importfrom=course, importto=other, options=[{"name": "users", "value": 1}])
    ask("core_course_import_course", importfrom=course, importto=other)
    ask("core_course_import_course", importfrom=course, importto=other, deletecontent=1)
    ask("gradereport_user_get_grade_items", courseid=course, userid=ann)
    ask("gradereport_user_get_grade_items", courseid=course, userid=MISSING)
    ask("gradereport_user_get_grade_items", courseid=MISSING)
    ask("gradereport_overview_get_course_grades", userid=ann)
    ask("gradereport_overview_get_course_grades", userid=MISSING)
    ask("mod_assign_get_assignments", courseids=[course], includenotenrolledcourses=1)
    ask("mod_assign_get_grades", assignmentids=[MISSING])
    ask("mod_assign_get_submissions", assignmentids=[MISSING])
    ask("mod_quiz_get_quizzes_by_courses", courseids=[course, MISSING])
    ask("mod_lesson_get_lessons_by_courses", courseids=[MISSING])
    ask("core_course_get_course_module", cmid=MISSING)
    ask("core_course_delete_modules", cmids=[MISSING])
    ask("core_group_get_activity_groupmode", cmid=MISSING)
    ask("core_group_get_activity_allowed_groups", cmid=MISSING)
    ask("core_grades_create_gradecategories", courseid=MISSING, categories=[{"fullname": "x"}])
    ask(
        "core_grades_create_gradecategories",
        courseid=course,
        categories=[{"fullname": "x", "options": {"grademax": 1}}],
    )
    ask("core_grades_create_gradecategories", courseid=course, categories=[{"fullname": "x"}])
    ask("gradereport_user_get_grade_items", courseid=course, userid=0)
    ask("gradereport_user_get_grade_items", courseid=course, userid=ann)


SEQUENCES = (
    refused_people,
    people,
    category_trees,
    course_rules,
    enrolling,
    grouping_people,
    cohort_rules,
    copying,
)
