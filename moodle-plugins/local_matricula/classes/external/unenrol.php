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

namespace local_matricula\external;

/**
 * Ends enrolments of one method, and no other of the same person.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class unenrol extends rows_call {
    /**
     * What a row is made of.
     *
     * @return string
     */
    protected static function row_description(): string {
        return '{"courseid", "userid", "method": matricula or manual, "id": of the enrolment, or null}';
    }

    /**
     * Do what the rows say.
     *
     * @param array $rows
     * @return array
     */
    protected static function carry_out(array $rows): array {
        return \local_matricula\enrolment\unenrolling::carry_out($rows);
    }
}
