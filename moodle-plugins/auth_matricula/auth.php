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
 * Signing on by a ticket of Matricula.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

require_once($CFG->libdir . '/authlib.php');

/**
 * The authentication method: nobody signs in with it by a password, see login.php.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class auth_plugin_matricula extends auth_plugin_base {

    /**
     * Makes the method with its settings.
     */
    public function __construct() {
        $this->authtype = 'matricula';
        $this->config = get_config('auth_matricula');
    }

    /**
     * No password is right: whoever has this method comes with a ticket.
     *
     * @param string $username what was typed as user name
     * @param string $password what was typed as password
     * @return bool
     */
    public function user_login($username, $password) {
        return false;
    }

    /**
     * No passwords are kept.
     *
     * @return bool
     */
    public function prevent_local_passwords() {
        return true;
    }

    /**
     * Accounts are known elsewhere.
     *
     * @return bool
     */
    public function is_internal() {
        return false;
    }

    /**
     * There is no password to change.
     *
     * @return bool
     */
    public function can_change_password() {
        return false;
    }

    /**
     * There is no password to set anew.
     *
     * @return bool
     */
    public function can_reset_password() {
        return false;
    }

    /**
     * Accounts may be given this method, so that they can be signed on to in no other way.
     *
     * @return bool
     */
    public function can_be_manually_set() {
        return true;
    }

    /**
     * Whoever came with a ticket is sent back to Matricula, so that both sessions end.
     */
    public function logoutpage_hook() {
        global $redirect, $SESSION;

        if (!empty($SESSION->auth_matricula_back)) {
            $redirect = $SESSION->auth_matricula_back;
        }
    }
}
