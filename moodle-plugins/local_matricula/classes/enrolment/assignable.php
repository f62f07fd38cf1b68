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

namespace local_matricula\enrolment;

/**
 * Which roles the caller may assign in courses, as get_assignable_roles() tells it, without a query for each course.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class assignable {
    /** @var bool[] roles that can be assigned in courses at all, by id */
    private $incourses;

    /** @var bool[][] roles that each of the caller's roles may assign: context id, then role id; null for administrators */
    private $bycontext = null;

    /** @var bool[][] answers: context id, then role id */
    private $known = [];

    /**
     * Read what rules there are.
     */
    public function __construct() {
        global $DB, $USER;

        $levels = $DB->get_fieldset_select('role_context_levels', 'roleid', 'contextlevel = ?', [CONTEXT_COURSE]);
        $this->incourses = array_fill_keys($levels, true);
        if (is_siteadmin($USER)) {
            return;
        }
        $this->bycontext = [];
        $rules = $DB->get_recordset_sql(
            "SELECT ra.contextid, raa.allowassign
               FROM {role_assignments} ra
               JOIN {role_allow_assign} raa ON raa.roleid = ra.roleid
              WHERE ra.userid = ?",
            [$USER->id]
        );
        foreach ($rules as $rule) {
            $this->bycontext[$rule->contextid][$rule->allowassign] = true;
        }
        $rules->close();
    }

    /**
     * Whether the caller may assign a role in a course.
     *
     * @param int $roleid
     * @param \context $context of the course
     * @return bool
     */
    public function may(int $roleid, \context $context): bool {
        if (!isset($this->known[$context->id][$roleid])) {
            $this->known[$context->id][$roleid] = $this->find_out($roleid, $context);
        }
        return $this->known[$context->id][$roleid];
    }

    /**
     * Find out whether the caller may assign a role in a course.
     *
     * @param int $roleid
     * @param \context $context
     * @return bool
     */
    private function find_out(int $roleid, \context $context): bool {
        if (!isset($this->incourses[$roleid]) || !has_capability('moodle/role:assign', $context)) {
            return false;
        }
        if ($this->bycontext === null) {
            return true;
        }
        foreach ($context->get_parent_context_ids(true) as $id) {
            if (isset($this->bycontext[$id][$roleid])) {
                return true;
            }
        }
        return false;
    }
}
