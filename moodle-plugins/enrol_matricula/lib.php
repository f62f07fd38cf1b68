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
 * An enrolment method of its own, so that everybody sees which enrolments come from the school's system.
 *
 * @package    enrol_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

/**
 * Enrolments that Matricula keeps in step with the school's system.
 *
 * There is one instance in a course, made when the first person is enrolled. Nothing is done here by cron: Matricula
 * writes through the web services of local_matricula.
 *
 * @package    enrol_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class enrol_matricula_plugin extends enrol_plugin {
    /**
     * Roles carry the method as their component, so that nobody changes them by hand unawares.
     *
     * @return bool
     */
    public function roles_protected() {
        return true;
    }

    /**
     * Nobody is enrolled by hand with this method.
     *
     * @param stdClass $instance
     * @return bool
     */
    public function allow_enrol(stdClass $instance) {
        return false;
    }

    /**
     * Whoever may enrol/matricula:unenrol (managers, not teachers) may end an enrolment by hand.
     *
     * @param stdClass $instance
     * @return bool
     */
    public function allow_unenrol(stdClass $instance) {
        return true;
    }

    /**
     * Whoever may enrol/matricula:manage (managers, not teachers) may suspend somebody by hand and change dates.
     *
     * @param stdClass $instance
     * @return bool
     */
    public function allow_manage(stdClass $instance) {
        return true;
    }

    /**
     * Instances are made on demand, never in the user interface.
     *
     * @param int $courseid
     * @return bool
     */
    public function can_add_instance($courseid) {
        return false;
    }

    /**
     * Whether the instance may be deleted in the user interface. All its enrolments end with it.
     *
     * @param stdClass $instance
     * @return bool
     */
    public function can_delete_instance($instance) {
        return has_capability('enrol/matricula:config', context_course::instance($instance->courseid));
    }

    /**
     * Whether the instance may be disabled and enabled in the user interface.
     *
     * @param stdClass $instance
     * @return bool
     */
    public function can_hide_show_instance($instance) {
        return has_capability('enrol/matricula:config', context_course::instance($instance->courseid));
    }

    /**
     * Add the instance of a course, of which there is only one.
     *
     * @param stdClass $course
     * @param array|null $fields
     * @return int|null its id, null where the course has one
     */
    public function add_instance($course, ?array $fields = null) {
        global $DB;

        if ($DB->record_exists('enrol', ['courseid' => $course->id, 'enrol' => $this->get_name()])) {
            return null;
        }
        return parent::add_instance($course, $fields);
    }

    /**
     * The instance of a course, made where there is none.
     *
     * Two callers may ask for the same course at once, so the making is locked.
     *
     * @param int $courseid
     * @return stdClass the row of {enrol}
     */
    public function instance_of(int $courseid): stdClass {
        global $DB;

        $key = ['courseid' => $courseid, 'enrol' => $this->get_name()];
        if ($found = $DB->get_record('enrol', $key, '*', IGNORE_MULTIPLE)) {
            return $found;
        }
        $lock = \core\lock\lock_config::get_lock_factory('enrol_matricula')->get_lock('course:' . $courseid, 30);
        if (!$lock) {
            throw new moodle_exception('locktimeout');
        }
        try {
            $this->add_instance(get_course($courseid), ['status' => ENROL_INSTANCE_ENABLED]);
        } finally {
            $lock->release();
        }
        return $DB->get_record('enrol', $key, '*', MUST_EXIST);
    }

    /**
     * Restore the instance: the one of the course is used where there is one.
     *
     * @param restore_enrolments_structure_step $step
     * @param stdClass $data
     * @param stdClass $course
     * @param int $oldid
     */
    public function restore_instance(restore_enrolments_structure_step $step, stdClass $data, $course, $oldid) {
        $step->set_mapping('enrol', $oldid, $this->instance_of($course->id)->id);
    }

    /**
     * Restore an enrolment as it was; who is enrolled already is left as they are.
     *
     * @param restore_enrolments_structure_step $step
     * @param stdClass $data
     * @param stdClass $instance
     * @param int $userid
     * @param int $oldinstancestatus
     */
    public function restore_user_enrolment(
        restore_enrolments_structure_step $step,
        $data,
        $instance,
        $userid,
        $oldinstancestatus
    ) {
        global $DB;

        if ($DB->record_exists('user_enrolments', ['enrolid' => $instance->id, 'userid' => $userid])) {
            return;
        }
        // Nobody becomes active by being restored from an instance that was disabled.
        $wasdisabled = $oldinstancestatus != ENROL_INSTANCE_ENABLED && $instance->status == ENROL_INSTANCE_ENABLED;
        $status = $wasdisabled ? ENROL_USER_SUSPENDED : $data->status;
        $this->enrol_user($instance, $userid, null, $data->timestart, $data->timeend, $status);
    }

    /**
     * Restore a role with this method as its component.
     *
     * @param stdClass $instance
     * @param int $roleid
     * @param int $userid
     * @param int $contextid
     */
    public function restore_role_assignment($instance, $roleid, $userid, $contextid) {
        role_assign($roleid, $userid, $contextid, 'enrol_' . $this->get_name(), $instance->id);
    }

    /**
     * Restore a group membership that ends with the enrolment.
     *
     * @param stdClass $instance
     * @param int $groupid
     * @param int $userid
     */
    public function restore_group_member($instance, $groupid, $userid) {
        global $CFG;
        require_once($CFG->dirroot . '/group/lib.php');

        groups_add_member($groupid, $userid, 'enrol_' . $this->get_name(), $instance->id);
    }
}
