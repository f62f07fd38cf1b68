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

use local_matricula\refusal;
use local_matricula\row;
use local_matricula\rows;

/**
 * Takes roles of courses away from people, as far as they were given by hand or by our own method.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class taking_roles {
    /** Where role assignments come from that may be taken: by hand, and by our own method. */
    private const COMPONENTS = ['', 'enrol_matricula'];

    /** @var facts */
    private $facts;

    /** @var assignable */
    private $assignable;

    /**
     * Take roles.
     *
     * @param array $rows
     * @return array outcomes; a role that is not there is done
     */
    public static function carry_out(array $rows): array {
        return rows::carry_out($rows, [new self($rows), 'take']);
    }

    /**
     * Get ready.
     *
     * @param array $rows
     */
    private function __construct(array $rows) {
        $this->facts = new facts($rows);
        $this->assignable = new assignable();
    }

    /**
     * Take one.
     *
     * @param row $row
     * @return array
     * @throws refusal
     */
    public function take(row $row): array {
        global $DB;

        [$userid, $roleid] = [$row->number('userid'), $row->number('roleid')];
        if (!isset($this->facts->courses()[$row->number('courseid')])) {
            return ['id' => null];
        }
        $context = \context_course::instance($row->number('courseid'));
        [$sql, $params] = $DB->get_in_or_equal(self::COMPONENTS, SQL_PARAMS_NAMED);
        $params += ['userid' => $userid, 'roleid' => $roleid, 'contextid' => $context->id];
        $where = "userid = :userid AND roleid = :roleid AND contextid = :contextid AND component {$sql}";
        $found = $DB->get_records_select('role_assignments', $where, $params);
        if ($found && !$this->assignable->may($roleid, $context)) {
            throw new refusal('norole', "Role {$roleid} may not be taken away by this caller.");
        }
        foreach ($found as $assignment) {
            role_unassign($roleid, $userid, $context->id, $assignment->component, $assignment->itemid);
        }
        return ['id' => $found ? (int)reset($found)->id : null];
    }
}
