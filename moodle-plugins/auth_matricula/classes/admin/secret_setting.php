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
 * The secret that tickets are signed with.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace auth_matricula\admin;

use auth_matricula\ticket;

defined('MOODLE_INTERNAL') || die();

require_once($CFG->libdir . '/adminlib.php');

/**
 * A secret that is long enough; when another one is entered, the former stays good for a while.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class secret_setting extends \admin_setting_configpasswordunmask {

    /**
     * Keeps the secret, and the former one beside it.
     *
     * @param string $data what was entered
     * @return string empty, or what is wrong
     */
    public function write_setting($data) {
        $data = trim((string) $data);
        if ($data !== '' && strlen($data) < ticket::SHORTEST_SECRET) {
            return get_string('secretshort', 'auth_matricula', ticket::SHORTEST_SECRET);
        }
        $former = (string) get_config('auth_matricula', 'secret');
        if ($former !== '' && $former !== $data) {
            $for = get_config('auth_matricula', 'previousfor');
            set_config('previoussecret', $former, 'auth_matricula');
            set_config('previousuntil', time() + (int) ($for === false ? DAYSECS : $for), 'auth_matricula');
        }
        return parent::write_setting($data);
    }
}
