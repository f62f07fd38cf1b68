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
 * Signs off whoever signed out in Matricula, and sends them back there.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

// phpcs:ignore moodle.Files.RequireLogin.Missing -- whoever is signed out already is sent back all the same.
require_once('../../config.php');

$PAGE->set_context(context_system::instance());
$PAGE->set_url('/auth/matricula/logout.php');
\auth_matricula\desk::send_headers();

try {
    $ticket = \auth_matricula\desk::read(required_param('ticket', PARAM_RAW), 'logout');
    \auth_matricula\desk::spend($ticket);
} catch (\auth_matricula\refusal $refusal) {
    \auth_matricula\desk::refuse($refusal);
}

// Whoever else is signed on here stays so.
if (isloggedin() && (int) $USER->id === $ticket->userid) {
    require_logout();
}
redirect($ticket->back !== '' ? $ticket->back : $CFG->wwwroot . '/');
