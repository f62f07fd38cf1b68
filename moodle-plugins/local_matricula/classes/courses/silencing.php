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

use local_matricula\known;
use local_matricula\row;
use local_matricula\rows;

/**
 * Turns off the welcome messages that manual enrolment sends.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class silencing {
    /**
     * Turn welcome messages off.
     *
     * @param array $courseids
     * @return array outcomes with the ids of the manual instances
     */
    public static function carry_out(array $courseids): array {
        $rows = array_map(function ($id) {
            return ['courseid' => $id];
        }, $courseids);
        $known = new known($rows);
        return rows::carry_out($rows, function (row $row) use ($known) {
            return self::silence((int)$known->course($row)->id);
        });
    }

    /**
     * Turn off the welcome message of one course. A release of Moodle that has none keeps the value and ignores it.
     *
     * @param int $courseid
     * @return array
     */
    private static function silence(int $courseid): array {
        global $DB;

        $instances = $DB->get_records('enrol', ['courseid' => $courseid, 'enrol' => 'manual'], 'sortorder, id');
        foreach ($instances as $instance) {
            if ($instance->customint1) {
                // Not by update_instance(): that of the manual method deletes other instances.
                $instance->customint1 = 0;
                $instance->timemodified = time();
                $DB->update_record('enrol', $instance);
                \core\event\enrol_instance_updated::create_from_record($instance)->trigger();
            }
        }
        return ['id' => $instances ? (int)reset($instances)->id : null];
    }
}
