"""The web-service functions that planning and applying call, with what each is for."""

from matricula.profiles import Profile

_ALWAYS = {
    "core_webservice_get_site_info": "know the site and the token's user",
    "core_user_get_users_by_field": "recognise accounts",
    "core_user_create_users": "make accounts",
    "core_user_update_users": "keep accounts in step, suspend and revive them",
    "core_course_get_categories": "recognise categories",
    "core_course_create_categories": "make categories",
    "core_course_update_categories": "keep categories in step",
    "core_course_get_courses": "recognise courses",
    "core_course_get_courses_by_field": "look up single courses",
    "core_course_create_courses": "make courses",
    "core_course_update_courses": "keep courses in step, hide and show them",
    "core_enrol_get_enrolled_users": "see who is in a course",
    "enrol_manual_enrol_users": "enrol people, suspend and revive enrolments",
    "core_role_unassign_roles": "take the old role away where a role changes",
}
_COPIES = {"core_course_duplicate_course": "copy courses of a template"}
_DELETIONS = {"core_course_delete_courses": "delete the courses of classes that are gone"}
_GROUPS = {
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
_COHORTS = {
    "core_cohort_get_cohorts": "recognise cohorts",
    "core_cohort_get_cohort_members": "see who is in a cohort",
    "core_cohort_create_cohorts": "make cohorts",
    "core_cohort_update_cohorts": "keep the names of cohorts in step",
    "core_cohort_delete_cohorts": "delete cohorts that are no longer wanted and empty",
    "core_cohort_add_cohort_members": "put people into cohorts",
    "core_cohort_delete_cohort_members": "take people out of cohorts",
}
_META_LINKS = {
    "enrol_meta_add_instances": "make meta-links",
    "enrol_meta_delete_instances": "end meta-links",
}

#: Function and purpose of all; `matricula check --functions` prints them for copying into Moodle's service.
FUNCTIONS = _ALWAYS | _COPIES | _DELETIONS | _GROUPS | _COHORTS | _META_LINKS


def functions_for(profile: Profile | None) -> dict[str, str]:
    """The functions that a profile needs, with what each is for; without a profile those that every one needs."""
    needed = dict(_ALWAYS)
    if profile and profile.courses.template is not None:
        needed |= _COPIES
    if profile and profile.courses.gone == "delete":
        needed |= _DELETIONS
    if profile and profile.groups_in_courses:
        needed |= _GROUPS
    if profile and profile.cohorts:
        needed |= _COHORTS
    if profile and profile.meta_links:
        needed |= _META_LINKS
    return needed
