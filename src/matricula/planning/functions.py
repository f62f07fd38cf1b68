"""The web-service functions that planning and applying call, with what each is for."""

#: Function and purpose; `matricula check --functions` prints them for copying into Moodle's service.
FUNCTIONS = {
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
