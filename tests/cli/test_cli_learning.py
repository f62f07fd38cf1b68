"""`matricula learning`: read, and shown in words and as JSON."""

from command_desk import Desk

from matricula.sandbox import Running
from matricula.sandbox.functions.gradebook import add_column, set_grade


def test_read_and_show(ready: Desk, site: Running) -> None:
    assert "Nothing is known" in ready("learning", "show").out
    assert ready("run", "--yes").status == 0
    state = site.state
    row = state.one(
        "SELECT ra.userid, c.instanceid FROM role_assignments ra JOIN context c ON c.id = ra.contextid"
        " WHERE c.level = 50 AND ra.roleid = 5"
    )
    user, course = state.record("user", row["userid"]), state.record("course", row["instanceid"])
    set_grade(state, add_column(state, course["id"], "Participation", 10), user["id"], 7.5)
    told = ready("learning", "read", "--json").json
    assert (told["site"], told["findings"]) == ("moodle", [])
    assert course["id"] in told["gradebooks"]
    assert "0 gradebooks of" in ready("learning", "read").words
    assert "1 gradebook of 1 course read" in ready("learning", "read", "--course", course["shortname"]).words
    assert "Participation" in ready("learning", "show", "--course", course["shortname"]).out
    told = ready("learning", "show", "--person", user["username"])
    assert "7.50" in told.out
    (shown,) = ready("learning", "show", "--course", course["id"], "--person", user["username"], "--json").json[
        "courses"
    ]
    assert 7.5 in [grade["raw"] for person in shown["people"] for grade in person["grades"]]
    assert ready("learning", "read", "--course", "unheard of").status == 2
