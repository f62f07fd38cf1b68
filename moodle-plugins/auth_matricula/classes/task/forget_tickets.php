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
 * Takes out tickets that could not be used again anyway.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace auth_matricula\task;

/**
 * Forgets used tickets once they have ended.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class forget_tickets extends \core\task\scheduled_task {

    /**
     * Its name.
     *
     * @return string
     */
    public function get_name() {
        return get_string('taskforgettickets', 'auth_matricula');
    }

    /**
     * Forgets those that ended long enough ago that a clock set back does not make them good again.
     */
    public function execute() {
        global $DB;

        $DB->delete_records_select('auth_matricula_ticket', 'timeends < ?', [time() - DAYSECS]);
        if ((int) get_config('auth_matricula', 'previousuntil') < time()) {
            unset_config('previoussecret', 'auth_matricula');
        }
    }
}
