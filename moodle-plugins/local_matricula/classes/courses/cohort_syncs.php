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

namespace local_matricula\courses;

use local_matricula\enrolment\assignable;
use local_matricula\known;
use local_matricula\refusal;
use local_matricula\row;
use local_matricula\rows;

/**
 * Cohort enrolment: the members of a cohort are enrolled in a course with a role.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class cohort_syncs {
    /**
     * Make cohort enrolments, and change their groups.
     *
     * @param array $rows
     * @return array outcomes with the ids of the instances
     */
    public static function save(array $rows): array {
        [$known, $assignable] = [new known($rows), new assignable()];
        return rows::one_by_one($rows, function (row $row) use ($known, $assignable) {
            $plugin = self::plugin();
            if (!enrol_is_enabled('cohort')) {
                throw new refusal('noplugin', 'Cohort enrolment is disabled on this site.');
            }
            $course = $known->course($row);
            $groupid = self::check($row, \context_course::instance($course->id), $assignable);
            $fields = ['customint1' => $row->number('cohortid'), 'roleid' => $row->number('roleid'), 'customint2' => $groupid];
            $instances = self::instances($row);
            if (!$instances) {
                return ['id' => (int)$plugin->add_instance($course, $fields)];
            }
            $instance = reset($instances);
            if ((int)$instance->customint2 !== $groupid) {
                $plugin->update_instance($instance, (object)($fields + ['name' => $instance->name, 'status' => $instance->status]));
            }
            return ['id' => (int)$instance->id];
        });
    }

    /**
     * End cohort enrolments.
     *
     * @param array $rows
     * @return array outcomes; one that is not there is done
     */
    public static function delete(array $rows): array {
        return rows::one_by_one($rows, function (row $row) {
            $plugin = self::plugin();
            $instances = self::instances($row);
            foreach ($instances as $instance) {
                $plugin->delete_instance($instance);
            }
            return ['id' => $instances ? (int)reset($instances)->id : null];
        });
    }

    /**
     * Refuse what cannot be made.
     *
     * @param row $row
     * @param \context $context of the course
     * @param assignable $assignable
     * @return int the group that members are put into, 0 for none
     * @throws refusal
     */
    private static function check(row $row, \context $context, assignable $assignable): int {
        global $DB;

        [$cohortid, $roleid, $groupid] = [$row->number('cohortid'), $row->number('roleid'), $row->id('groupid')];
        $contextid = $DB->get_field('cohort', 'contextid', ['id' => $cohortid]);
        if (!$contextid) {
            throw new refusal('nocohort', "There is no cohort {$cohortid} on this site.");
        }
        if (!in_array($contextid, $context->get_parent_context_ids())) {
            throw new refusal('nocohort', "Cohort {$cohortid} belongs to a category that course {$context->instanceid} is not in.");
        }
        if (!$assignable->may($roleid, $context)) {
            throw new refusal('norole', "Role {$roleid} may not be assigned in course {$context->instanceid} by this caller.");
        }
        if ($groupid && !$DB->record_exists('groups', ['id' => $groupid, 'courseid' => $context->instanceid])) {
            throw new refusal('nogroup', "Course {$context->instanceid} has no group {$groupid}.");
        }
        return $groupid;
    }

    /**
     * The instances of a cohort and a role in a course.
     *
     * @param row $row
     * @return \stdClass[]
     */
    private static function instances(row $row): array {
        global $DB;

        return $DB->get_records('enrol', [
            'enrol' => 'cohort',
            'courseid' => $row->number('courseid'),
            'customint1' => $row->number('cohortid'),
            'roleid' => $row->number('roleid'),
        ], 'id');
    }

    /**
     * The plugin of Moodle.
     *
     * @return \enrol_plugin
     * @throws refusal
     */
    private static function plugin(): \enrol_plugin {
        global $CFG;
        require_once($CFG->libdir . '/enrollib.php');

        $plugin = enrol_get_plugin('cohort');
        if (!$plugin) {
            throw new refusal('noplugin', 'Cohort enrolment is not installed on this site.');
        }
        return $plugin;
    }
}
