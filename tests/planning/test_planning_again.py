"""Whatever groups, cohorts and meta-links a profile has: applied once, there is nothing left to do."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, told
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rosters import Roster, rosters, shuffled

from matricula.sandbox import Running

GROUPS = st.lists(
    st.sampled_from(
        [
            {"name": "{person.givenName}"},
            {"name": "{group.title}", "idnumber": "{group.id}", "grouping": "classes"},
            {"name": "{person.username}", "idnumber": "{person.identifier}", "grouping": "{person.familyName}"},
            {"name": "{enrolment.role}", "grouping": "roles", "roles": ["student"]},
        ]
    ),
    max_size=3,
)
COHORTS = st.lists(
    st.sampled_from(
        [
            {"name": "{person.givenName}", "idnumber": "{person.familyName}"},
            {"name": "All {person.kind}", "idnumber": "{person.kind}"},
            {"name": "{institute.name}", "idnumber": "{institute.id}", "category": "by-hand"},
        ]
    ),
    max_size=2,
)
LINKS = st.lists(
    st.sampled_from(
        [
            {"shortname": "META", "fullname": "For ever", "classes": {"value": "{group.title}", "like": "*e*"}},
            {"shortname": "HAND", "classes": {"value": "{group.id}", "like": ["a", "b", "c"]}},
        ]
    ),
    max_size=2,
    unique_by=lambda link: link["shortname"],
)
RULES = st.fixed_dictionaries({"groups": GROUPS, "cohorts": COHORTS, "meta_links": LINKS})


@pytest.mark.long
@settings(
    max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    first=rosters(),
    second=rosters(),
    rules=RULES,
    others=RULES,
    gone=st.sampled_from(["suspend", "unenrol"]),
    basis=st.sampled_from(["group", "subject"]),
)
def test_planning_again_after_applying_gives_an_empty_plan_with_groups(
    site: Running,
    first: Roster,
    second: Roster,
    rules: dict[str, Any],
    others: dict[str, Any],
    gone: str,
    basis: str,
):
    site.sandbox.reset()
    with tempfile.TemporaryDirectory() as place, Desk.open(Path(place), site) as desk:
        desk.parts = {"enrolments": {"gone": gone}, "basis": basis, "drift": {"default": "put-back"}}
        desk.moodle.categories.create([{"name": "By hand", "idnumber": "by-hand", "parent": 0}])
        desk.course(shortname="HAND", idnumber="hand")
        for made, parts in ((first, rules), (second, rules), (second, others), (first, rules)):
            draft = desk.plan(made, **parts)
            desk.known += [edit for edit in desk.edits if edit.state == "accepted"]
            refused = desk.refused(draft)
            assert set(told(desk.plan(shuffled(made, 5)))) <= refused
            assert set(told(desk.plan(made, full=True))) <= refused
