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
 * Takes roles of courses away, as far as they were given by hand or by the method Matricula.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class take_roles extends rows_call {
    /**
     * What a row is made of.
     *
     * @return string
     */
    protected static function row_description(): string {
        return '{"courseid", "userid", "roleid"}';
    }

    /**
     * Do what the rows say.
     *
     * @param array $rows
     * @return array
     */
    protected static function carry_out(array $rows): array {
        return \local_matricula\enrolment\taking_roles::carry_out($rows);
    }
}
