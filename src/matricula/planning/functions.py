"""The web-service functions that planning and applying call, with what each is for and which profiles need it."""

from collections.abc import Callable, Iterable, Mapping

from matricula.moodle.plugin_calls import CALLS, GET_SITE, GET_SNAPSHOT
from matricula.profiles import Profile
from matricula.profiles.documents import PERSON_KINDS
from matricula.profiles.documents.users import PROFILE_PREFIX

Functions = Mapping[str, str]

_ALWAYS: Functions = {
    "core_webservice_get_site_info": "know the site and the token's user",
    "core_user_get_users_by_field": "recognise accounts",
    "core_course_get_categories": "recognise categories",
    "core_course_get_courses": "recognise courses",
    "core_course_get_courses_by_field": "look up single courses",
    "core_enrol_get_enrolled_users": "see who is in a course",
}
_NEW_ACCOUNTS: Functions = {"core_user_create_users": "make accounts"}
_KEPT_ACCOUNTS: Functions = {"core_user_update_users": "keep accounts in step, suspend and revive them"}
_ALL_ACCOUNTS: Functions = {"core_user_get_users": "recognise accounts by a custom profile field"}
_CATEGORIES: Functions = {
    "core_course_create_categories": "make categories",
    "core_course_update_categories": "keep categories in step",
}
_NEW_COURSES: Functions = {"core_course_create_courses": "make courses"}
_KEPT_COURSES: Functions = {"core_course_update_courses": "keep courses in step, hide and show them"}
_COPIES: Functions = {"core_course_duplicate_course": "copy courses of a template"}
_DELETIONS: Functions = {"core_course_delete_courses": "delete the courses of classes that are gone"}
_ENROLMENTS: Functions = {
    "enrol_manual_enrol_users": "enrol people, suspend and revive enrolments",
    "core_role_unassign_roles": "take the old role away where a role changes",
}
_UNENROLMENTS: Functions = {"enrol_manual_unenrol_users": "end the enrolments of people who left a class"}
_GRADES: Functions = {
    "gradereport_user_get_grade_items": "read gradebooks: to transfer grades, and before grades are destroyed"
}
_LEARNING: Functions = {
    "gradereport_user_get_grades_table": "read the categories of gradebooks",
    "mod_assign_get_assignments": "read assignments",
    "mod_assign_get_submissions": "read what was handed in",
    "mod_assign_get_grades": "learn which gradebooks changed",
    "mod_quiz_get_quizzes_by_courses": "read quizzes",
    "mod_lesson_get_lessons_by_courses": "read lessons",
}
_GROUPS: Functions = {
    "core_group_get_course_groups": "recognise groups",
    "core_group_get_group_members": "see who is in a group",
    "core_group_create_groups": "make groups",
    "core_group_update_groups": "keep the names of groups in step",
    "core_group_delete_groups": "delete groups that are no longer wanted and empty",
    "core_group_add_group_members": "put people into groups",
    "core_group_delete_group_members": "take people out of groups",
    "core_group_get_course_groupings": "recognise groupings",
    "core_group_get_groupings": "see which groups are in a grouping",
    "core_group_create_groupings": "make groupings",
    "core_group_delete_groupings": "delete groupings that are no longer wanted and empty",
    "core_group_assign_grouping": "put groups into groupings",
    "core_group_unassign_grouping": "take groups out of groupings",
}
_COHORTS: Functions = {
    "core_cohort_get_cohorts": "recognise cohorts",
    "core_cohort_get_cohort_members": "see who is in a cohort",
    "core_cohort_create_cohorts": "make cohorts",
    "core_cohort_update_cohorts": "keep the names of cohorts in step",
    "core_cohort_delete_cohorts": "delete cohorts that are no longer wanted and empty",
    "core_cohort_add_cohort_members": "put people into cohorts",
    "core_cohort_delete_cohort_members": "take people out of cohorts",
}
_META_LINKS: Functions = {
    "enrol_meta_add_instances": "make meta-links",
    "enrol_meta_delete_instances": "end meta-links",
}


def _of_people(profile: Profile, *actions: str) -> bool:
    rules = [profile.users.of_kind(kind) for kind in PERSON_KINDS]
    return any(getattr(each, action) for each in rules for action in actions)


def _keeps_courses(profile: Profile) -> bool:
    rules = profile.courses
    return rules.update or rules.gone in ("hide", "archive") or rules.template is not None


def _destroys_grades(profile: Profile) -> bool:
    return profile.enrolments.gone == "unenrol" or profile.courses.gone == "delete"


def _reads_learning(profile: Profile) -> bool:
    return profile.grades.sink is not None or any(entry.do == "learning" for entry in profile.schedule.entries)


_NEEDED: tuple[tuple[Functions, Callable[[Profile], bool]], ...] = (
    (_ALWAYS, lambda _: True),
    (_NEW_ACCOUNTS, lambda profile: _of_people(profile, "create")),
    (_KEPT_ACCOUNTS, lambda profile: _of_people(profile, "create", "update", "deactivate")),
    (_ALL_ACCOUNTS, lambda profile: any(pair.field.startswith(PROFILE_PREFIX) for pair in profile.users.match)),
    (_CATEGORIES, lambda profile: profile.courses.create or profile.courses.update),
    (_NEW_COURSES, lambda profile: profile.courses.create or any(link.fullname for link in profile.meta_links)),
    (_KEPT_COURSES, _keeps_courses),
    (_COPIES, lambda profile: profile.courses.template is not None),
    (_DELETIONS, lambda profile: profile.courses.gone == "delete"),
    (_ENROLMENTS, lambda profile: bool(profile.enrolments.roles)),
    (_UNENROLMENTS, lambda profile: profile.enrolments.gone == "unenrol"),
    (_GRADES, lambda profile: _destroys_grades(profile) or _reads_learning(profile)),
    (_LEARNING, _reads_learning),
    (_GROUPS, lambda profile: bool(profile.groups_in_courses)),
    (_COHORTS, lambda profile: bool(profile.cohorts)),
    (_META_LINKS, lambda profile: bool(profile.meta_links)),
)

#: What a site needs whose people are signed on by key, whatever its profiles say.
SIGN_ON_BY_KEY: Functions = {"auth_userkey_request_login_url": "sign people on by key"}

#: Function and purpose of all, whatever a profile says.
FUNCTIONS: Functions = {name: purpose for functions, _ in _NEEDED for name, purpose in functions.items()}


#: Functions that are never called where the site has the plugin local_matricula.
_SPARED = frozenset({"core_user_get_users", "core_cohort_get_cohorts"})
_PLUGIN: Functions = {name: CALLS[name].purpose for name in (GET_SITE, GET_SNAPSHOT)}


def functions_for(profiles: Iterable[Profile], *, plugin: bool = False) -> dict[str, str]:
    """The functions that some profiles need, with what each is for; where there is none, those of a plain one.

    Args:
        profiles: the profiles.
        plugin: whether the site has the plugin local_matricula, which reads in the place of some of them.
    """
    if plugin:
        needed = functions_for(profiles)
        return {name: purpose for name, purpose in needed.items() if name not in _SPARED} | dict(_PLUGIN)
    wanted = list(profiles) or [Profile(name="plain", source="plain", site="plain")]
    return {
        name: purpose
        for functions, is_needed in _NEEDED
        if any(map(is_needed, wanted))
        for name, purpose in functions.items()
    }
