"""A site is asked for the functions that its profiles need, and for no others."""

from typing import Any

import pytest

from matricula.planning.functions import FUNCTIONS, functions_for
from matricula.profiles import Profile


def needed(**settings: Any) -> set[str]:
    return set(functions_for([Profile.model_validate({"name": "a", "source": "s", "site": "m"} | settings)]))


NOBODY = {kind: {"create": False, "update": False, "deactivate": False} for kind in ("student", "teacher", "employee")}
ONLY_WITH: dict[str, dict[str, Any]] = {
    "core_user_get_users": {"users": {"match": {"field": "profile:number", "value": "{person.id}"}}},
    "core_course_duplicate_course": {"courses": {"template": "T"}},
    "core_course_delete_courses": {"courses": {"gone": "delete"}},
    "enrol_manual_unenrol_users": {"enrolments": {"gone": "unenrol"}},
    "gradereport_user_get_grade_items": {"courses": {"gone": "delete"}},
    "mod_assign_get_grades": {"grades": {"sink": "sis"}},
    "mod_quiz_get_quizzes_by_courses": {"schedule": {"entries": [{"at": "every day at 02:30", "do": "learning"}]}},
    "core_group_create_groups": {"groups": [{"name": "{group.title}"}]},
    "core_cohort_create_cohorts": {"cohorts": [{"name": "all", "idnumber": "all"}]},
    "enrol_meta_add_instances": {"meta_links": [{"shortname": "x", "classes": {"value": "{group.code}", "like": "*"}}]},
}
NOT_WITH: dict[str, dict[str, Any]] = {
    "core_user_create_users": {"users": NOBODY},
    "core_user_update_users": {"users": NOBODY},
    "core_course_create_courses": {"courses": {"create": False}},
    "core_course_update_courses": {"courses": {"update": False, "gone": "leave"}},
    "core_course_create_categories": {"courses": {"create": False, "update": False}},
    "enrol_manual_enrol_users": {"enrolments": {"roles": {}}},
}


@pytest.mark.parametrize("function", ONLY_WITH)
def test_asked_for_only_where_a_profile_needs_it(function: str) -> None:
    assert function not in needed()
    assert function in needed(**ONLY_WITH[function])


@pytest.mark.parametrize("function", NOT_WITH)
def test_not_asked_for_where_the_profile_does_without(function: str) -> None:
    assert function in needed()
    assert function not in needed(**NOT_WITH[function])


def test_several_profiles_need_what_each_needs_and_none_what_a_plain_one_does() -> None:
    profiles = [Profile.model_validate({"name": "a", "source": "s", "site": "m"} | each) for each in ONLY_WITH.values()]
    assert functions_for(profiles) == FUNCTIONS
    assert set(functions_for([])) == needed()


def test_copies_of_a_template_are_filled_in_afterwards() -> None:
    told = needed(courses={"update": False, "gone": "leave", "template": "T"})
    assert "core_course_update_courses" in told


def test_a_basis_that_makes_groups_needs_their_functions() -> None:
    assert "core_group_create_groups" in needed(basis="subject")


def test_the_plugin_reads_in_the_place_of_some() -> None:
    profiles = [Profile.model_validate({"name": "a", "source": "s", "site": "m"} | each) for each in ONLY_WITH.values()]
    told = functions_for(profiles, plugin=True)
    assert set(FUNCTIONS) - set(told) == {"core_user_get_users", "core_cohort_get_cohorts"}
    assert set(told) - set(FUNCTIONS) == {"local_matricula_get_site", "local_matricula_get_snapshot"}
    assert all(told.values())
