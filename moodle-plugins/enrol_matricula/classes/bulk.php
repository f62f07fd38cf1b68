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

namespace enrol_matricula;

/**
 * Enrols many people who are not enrolled yet, with a few queries instead of nine for each.
 *
 * @package    enrol_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class bulk {
    /** What role assignments of this method carry. */
    private const COMPONENT = 'enrol_matricula';

    /** @var \stdClass[] rows of {user_enrolments} to be written, by instance and user */
    private $enrolments = [];

    /** @var \stdClass[] rows of {role_assignments} to be written, by the same */
    private $assignments = [];

    /** @var \stdClass[] instances, by id */
    private $instances = [];

    /**
     * Note somebody who is to be enrolled.
     *
     * @param \stdClass $instance
     * @param \context $context of its course
     * @param \stdClass $wanted userid, roleid (0 for none), timestart, timeend, status
     * @return bool false where the same enrolment has been noted before: that one is for enrol_user()
     */
    public function add(\stdClass $instance, \context $context, \stdClass $wanted): bool {
        global $USER;

        $key = "{$instance->id} {$wanted->userid}";
        if (isset($this->enrolments[$key])) {
            return false;
        }
        $this->instances[$instance->id] = $instance;
        $now = time();
        $this->enrolments[$key] = (object)[
            'enrolid' => $instance->id,
            'status' => $wanted->status,
            'userid' => $wanted->userid,
            'timestart' => $wanted->timestart,
            'timeend' => $wanted->timeend,
            'modifierid' => $USER->id,
            'timecreated' => $now,
            'timemodified' => $now,
        ];
        if ($wanted->roleid) {
            $this->assignments[$key] = (object)[
                'roleid' => $wanted->roleid,
                'contextid' => $context->id,
                'userid' => $wanted->userid,
                'component' => self::COMPONENT,
                'itemid' => $instance->id,
                'timemodified' => $now,
                'modifierid' => $USER->id,
                'sortorder' => 0,
            ];
        }
        return true;
    }

    /**
     * Enrol all who were noted, in a transaction of the caller's.
     *
     * The tables, events, hooks and caches are those of enrol_plugin::enrol_user() and role_assign(), in their order
     * for each person; only the rows are written together before, and what concerns a whole course or user is done once.
     */
    public function write(): void {
        global $CFG, $DB;

        if (!$this->enrolments) {
            return;
        }
        $this->leave_out_assignments_there_are();
        $DB->insert_records('user_enrolments', $this->enrolments);
        if ($this->assignments) {
            $DB->insert_records('role_assignments', $this->assignments);
        }
        $this->read_ids('user_enrolments', 'enrolid', $this->enrolments);
        $this->read_ids('role_assignments', 'itemid', $this->assignments, " AND component = 'enrol_matricula'");
        foreach (array_unique(array_column($this->assignments, 'userid')) as $userid) {
            mark_user_dirty($userid);
        }
        foreach ($this->enrolments as $key => $enrolment) {
            $this->tell_enrolled($enrolment, $this->assignments[$key]->roleid ?? 0);
            if (isset($this->assignments[$key])) {
                $this->tell_assigned($this->assignments[$key]);
            }
            if ($CFG->recovergradesdefault) {
                require_once($CFG->libdir . '/gradelib.php');
                grade_recover_history_grades($enrolment->userid, $this->instances[$enrolment->enrolid]->courseid);
            }
        }
        $this->forget_caches();
    }

    /**
     * Role assignments that somehow outlived an enrolment are not made twice.
     */
    private function leave_out_assignments_there_are(): void {
        $there = $this->assignments;
        $this->read_ids('role_assignments', 'itemid', $there, " AND component = 'enrol_matricula'", false);
        foreach ($there as $key => $assignment) {
            if (isset($assignment->id)) {
                unset($this->assignments[$key]);
            }
        }
    }

    /**
     * Read the ids of rows that were written together.
     *
     * @param string $table
     * @param string $instance the column with the instance
     * @param \stdClass[] $rows by instance and user
     * @param string $more SQL of a further condition
     * @param bool $needed whether each row must be there
     */
    private function read_ids(string $table, string $instance, array $rows, string $more = '', bool $needed = true): void {
        global $DB;

        if (!$rows) {
            return;
        }
        [$ofinstances, $params] = $DB->get_in_or_equal(array_unique(array_column($rows, $instance)), SQL_PARAMS_NAMED, 'i');
        [$ofusers, $others] = $DB->get_in_or_equal(array_unique(array_column($rows, 'userid')), SQL_PARAMS_NAMED, 'u');
        $where = "{$instance} {$ofinstances} AND userid {$ofusers}{$more}";
        $left = count($rows);
        $columns = $table === 'role_assignments' ? ', roleid' : '';
        $found = $DB->get_recordset_select($table, $where, $params + $others, 'id', "id, {$instance}, userid{$columns}");
        foreach ($found as $row) {
            $noted = $rows["{$row->$instance} {$row->userid}"] ?? null;
            if ($noted && !isset($noted->id) && (!$columns || $noted->roleid == $row->roleid)) {
                $noted->id = (int)$row->id;
                $left--;
            }
        }
        $found->close();
        if ($needed && $left) {
            throw new \coding_exception("{$left} rows of {$table} were written and are not there");
        }
    }

    /**
     * Tell everybody of an enrolment, as enrol_user() does.
     *
     * @param \stdClass $enrolment
     * @param int $roleid
     */
    private function tell_enrolled(\stdClass $enrolment, int $roleid): void {
        $instance = $this->instances[$enrolment->enrolid];
        \core\event\user_enrolment_created::create([
            'objectid' => $enrolment->id,
            'courseid' => $instance->courseid,
            'context' => \context_course::instance($instance->courseid),
            'relateduserid' => $enrolment->userid,
            'other' => ['enrol' => $instance->enrol],
        ])->trigger();
        \core_course_category::user_enrolment_changed(
            $instance->courseid,
            $enrolment->userid,
            $enrolment->status,
            $enrolment->timestart,
            $enrolment->timeend
        );
        if (class_exists('\core_enrol\hook\after_user_enrolled')) { // From Moodle 4.4 on.
            self::dispatch(new \core_enrol\hook\after_user_enrolled($instance, $enrolment, $roleid ?: null));
        }
    }

    /**
     * Tell everybody of a role, as role_assign() does.
     *
     * @param \stdClass $assignment
     */
    private function tell_assigned(\stdClass $assignment): void {
        $context = \context::instance_by_id($assignment->contextid);
        $event = \core\event\role_assigned::create([
            'context' => $context,
            'objectid' => $assignment->roleid,
            'relateduserid' => $assignment->userid,
            'other' => ['id' => $assignment->id, 'component' => $assignment->component, 'itemid' => $assignment->itemid],
        ]);
        $event->add_record_snapshot('role_assignments', $assignment);
        $event->trigger();
        if (class_exists('\core\hook\access\after_role_assigned')) { // From Moodle 4.4 on.
            self::dispatch(new \core\hook\access\after_role_assigned($context, (int)$assignment->userid));
        }
    }

    /**
     * Forget what caches hold of courses and of the caller, once for all.
     */
    private function forget_caches(): void {
        global $USER;

        $seen = [];
        foreach ($this->assignments as $assignment) {
            if (!isset($seen[$assignment->contextid][$assignment->roleid])) {
                $seen[$assignment->contextid][$assignment->roleid] = true;
                $context = \context::instance_by_id($assignment->contextid);
                \core_course_category::role_assignment_changed($assignment->roleid, $context);
            }
        }
        foreach ($this->enrolments as $enrolment) {
            if ($enrolment->userid == $USER->id) {
                $courseid = $this->instances[$enrolment->enrolid]->courseid;
                unset($USER->enrol['enrolled'][$courseid], $USER->enrol['tempguest'][$courseid]);
                remove_temp_course_roles(\context_course::instance($courseid));
            }
        }
    }

    /**
     * Dispatch a hook of Moodle's.
     *
     * @param object $hook
     */
    private static function dispatch(object $hook): void {
        \core\hook\manager::get_instance()->dispatch($hook);
    }
}
