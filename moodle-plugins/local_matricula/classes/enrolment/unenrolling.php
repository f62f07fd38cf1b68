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
 * Ends enrolments, each by its own instance and no other.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class unenrolling {
    /** @var methods */
    private $methods;

    /** @var facts */
    private $facts;

    /**
     * Unenrol.
     *
     * @param array $rows
     * @return array outcomes with the ids that the rows of {user_enrolments} had
     */
    public static function carry_out(array $rows): array {
        return rows::carry_out($rows, [new self($rows), 'unenrol']);
    }

    /**
     * Get ready.
     *
     * @param array $rows
     */
    private function __construct(array $rows) {
        $this->methods = new methods();
        $this->facts = new facts($rows);
    }

    /**
     * Unenrol one. Who is not enrolled, in a course that may be gone as well, is done.
     *
     * @param row $row
     * @return array
     * @throws refusal
     */
    public function unenrol(row $row): array {
        $userid = $row->number('userid');
        $method = $row->text('method', 'matricula');
        $plugin = $this->methods->installed($method);
        $instance = $this->facts->instance($method, $row->number('courseid'));
        $found = $instance ? $this->facts->enrolment($instance, $userid) : null;
        if ($found && $row->id('id') && $row->id('id') !== $found) {
            throw new refusal('other', "The user's {$method} enrolment in this course is another one than {$row->id('id')}.");
        }
        if ($found) {
            $plugin->unenrol_user($instance, $userid);
        }
        return ['id' => $found];
    }
}
