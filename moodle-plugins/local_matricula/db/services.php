<?php
// This file is part of Moodle - http://moodle.org/
//
// Moodle is free software: you can redistribute it and/or modify
// it under the terms of the GNU General Public License as published by
// the Free Software Foundation, either version 3 of the License, or
// (at your option) any later version.
//
// Moodle is distributed in the hope that it will be useful,
// but WITHOUT ANY WARRANTY; without even the implied warranty of
// MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
// GNU General Public License for more details.
//
// You should have received a copy of the GNU General Public License
// along with Moodle.  If not, see <http://www.gnu.org/licenses/>.

/**
 * The web services, and the service “Matricula synchronisation” that holds all that Matricula calls.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$functions = [
    'local_matricula_get_site' => [
        'classname' => 'local_matricula\external\get_site',
        'methodname' => 'execute',
        'description' => 'Tells what Matricula must know of this site.',
        'type' => 'read',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_get_stamps' => [
        'classname' => 'local_matricula\external\get_stamps',
        'methodname' => 'execute',
        'description' => 'Tells for each kind of record a text that changes with any of its rows.',
        'type' => 'read',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_get_snapshot' => [
        'classname' => 'local_matricula\external\get_snapshot',
        'methodname' => 'execute',
        'description' => 'Reads all records of a kind, in columns.',
        'type' => 'read',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_enrol' => [
        'classname' => 'local_matricula\external\enrol',
        'methodname' => 'execute',
        'description' => 'Enrols people, and changes enrolments.',
        'type' => 'write',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_unenrol' => [
        'classname' => 'local_matricula\external\unenrol',
        'methodname' => 'execute',
        'description' => 'Ends enrolments of one method.',
        'type' => 'write',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_take_roles' => [
        'classname' => 'local_matricula\external\take_roles',
        'methodname' => 'execute',
        'description' => 'Takes roles of courses away.',
        'type' => 'write',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_move_enrolments' => [
        'classname' => 'local_matricula\external\move_enrolments',
        'methodname' => 'execute',
        'description' => 'Makes manual enrolments enrolments by the method Matricula, in place.',
        'type' => 'write',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_save_grade_items' => [
        'classname' => 'local_matricula\external\save_grade_items',
        'methodname' => 'execute',
        'description' => 'Makes and changes manual grade items.',
        'type' => 'write',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_delete_grade_items' => [
        'classname' => 'local_matricula\external\delete_grade_items',
        'methodname' => 'execute',
        'description' => 'Deletes manual grade items.',
        'type' => 'write',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_save_grades' => [
        'classname' => 'local_matricula\external\save_grades',
        'methodname' => 'execute',
        'description' => 'Writes grades of manual grade items.',
        'type' => 'write',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_copy_courses' => [
        'classname' => 'local_matricula\external\copy_courses',
        'methodname' => 'execute',
        'description' => 'Makes courses as copies of templates, without users.',
        'type' => 'write',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_save_links' => [
        'classname' => 'local_matricula\external\save_links',
        'methodname' => 'execute',
        'description' => 'Makes meta-links of courses.',
        'type' => 'write',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_delete_links' => [
        'classname' => 'local_matricula\external\delete_links',
        'methodname' => 'execute',
        'description' => 'Ends meta-links of courses.',
        'type' => 'write',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_save_cohort_syncs' => [
        'classname' => 'local_matricula\external\save_cohort_syncs',
        'methodname' => 'execute',
        'description' => 'Makes cohort enrolments of courses.',
        'type' => 'write',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_delete_cohort_syncs' => [
        'classname' => 'local_matricula\external\delete_cohort_syncs',
        'methodname' => 'execute',
        'description' => 'Ends cohort enrolments of courses.',
        'type' => 'write',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_save_course_fields' => [
        'classname' => 'local_matricula\external\save_course_fields',
        'methodname' => 'execute',
        'description' => 'Writes custom fields of courses.',
        'type' => 'write',
        'capabilities' => 'local/matricula:synchronise',
    ],
    'local_matricula_silence' => [
        'classname' => 'local_matricula\external\silence',
        'methodname' => 'execute',
        'description' => 'Turns the welcome messages of manual enrolment off, in single courses.',
        'type' => 'write',
        'capabilities' => 'local/matricula:synchronise',
    ],
];

// All that Matricula calls: the functions above, and those of Moodle.
$services = [
    'Matricula synchronisation' => [
        'shortname' => 'local_matricula',
        'enabled' => 1,
        'restrictedusers' => 0,
        'downloadfiles' => 1,
        'uploadfiles' => 0,
        'functions' => [
            'local_matricula_get_site',
            'local_matricula_get_stamps',
            'local_matricula_get_snapshot',
            'local_matricula_enrol',
            'local_matricula_unenrol',
            'local_matricula_take_roles',
            'local_matricula_move_enrolments',
            'local_matricula_save_grade_items',
            'local_matricula_delete_grade_items',
            'local_matricula_save_grades',
            'local_matricula_copy_courses',
            'local_matricula_save_links',
            'local_matricula_delete_links',
            'local_matricula_save_cohort_syncs',
            'local_matricula_delete_cohort_syncs',
            'local_matricula_save_course_fields',
            'local_matricula_silence',
            'auth_userkey_request_login_url',
            'core_cohort_add_cohort_members',
            'core_cohort_create_cohorts',
            'core_cohort_delete_cohort_members',
            'core_cohort_delete_cohorts',
            'core_cohort_get_cohort_members',
            'core_cohort_get_cohorts',
            'core_cohort_update_cohorts',
            'core_course_create_categories',
            'core_course_create_courses',
            'core_course_delete_categories',
            'core_course_delete_courses',
            'core_course_duplicate_course',
            'core_course_get_categories',
            'core_course_get_contents',
            'core_course_get_courses',
            'core_course_get_courses_by_field',
            'core_course_update_categories',
            'core_course_update_courses',
            'core_enrol_get_course_enrolment_methods',
            'core_enrol_get_enrolled_users',
            'core_grades_update_grades',
            'core_group_add_group_members',
            'core_group_assign_grouping',
            'core_group_create_groupings',
            'core_group_create_groups',
            'core_group_delete_group_members',
            'core_group_delete_groupings',
            'core_group_delete_groups',
            'core_group_get_course_groupings',
            'core_group_get_course_groups',
            'core_group_get_group_members',
            'core_group_get_groupings',
            'core_group_unassign_grouping',
            'core_group_update_groupings',
            'core_group_update_groups',
            'core_role_assign_roles',
            'core_role_unassign_roles',
            'core_user_create_users',
            'core_user_delete_users',
            'core_user_get_users',
            'core_user_get_users_by_field',
            'core_user_update_users',
            'core_webservice_get_site_info',
            'enrol_manual_enrol_users',
            'enrol_manual_unenrol_users',
            'enrol_meta_add_instances',
            'enrol_meta_delete_instances',
            'gradereport_overview_get_course_grades',
            'gradereport_user_get_grade_items',
            'gradereport_user_get_grades_table',
            'mod_assign_get_assignments',
            'mod_assign_get_grades',
            'mod_assign_get_submissions',
            'mod_lesson_get_lessons_by_courses',
            'mod_quiz_get_quizzes_by_courses',
        ],
    ],
];
