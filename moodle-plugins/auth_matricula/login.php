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
 * Signs on whoever comes with a good ticket.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

// phpcs:ignore moodle.Files.RequireLogin.Missing -- this is where people sign on.
require_once('../../config.php');

$PAGE->set_context(context_system::instance());
$PAGE->set_url('/auth/matricula/login.php');
\auth_matricula\desk::send_headers();

try {
    $jwt = required_param('ticket', PARAM_RAW);
    $ticket = \auth_matricula\desk::read($jwt, 'login');
    $account = \auth_matricula\desk::account($ticket);
    $landing = \auth_matricula\desk::landing($ticket);
    if (isloggedin() && ((int) $USER->id !== (int) $account->id || \core\session\manager::is_loggedinas())) {
        // Moodle keeps nothing more of a session that has ended in the same request: come once again.
        require_logout();
        redirect(new moodle_url('/auth/matricula/login.php', ['ticket' => $jwt]));
    }
    \auth_matricula\desk::spend($ticket);
} catch (\auth_matricula\refusal $refusal) {
    \auth_matricula\desk::refuse($refusal);
}

if (!isloggedin()) {
    $complete = get_complete_user_data('id', $account->id);
    complete_user_login($complete);
    \core\session\manager::apply_concurrent_login_limit($complete->id, session_id());
}
unset($SESSION->wantsurl);
$SESSION->auth_matricula_back = $ticket->back;
\auth_matricula\event\signed_on::of((int) $account->id)->trigger();
redirect($landing);
