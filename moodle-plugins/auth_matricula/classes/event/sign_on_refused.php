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
 * Somebody was not signed on.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace auth_matricula\event;

/**
 * Somebody came with a ticket and was not signed on.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class sign_on_refused extends \core\event\base {

    /**
     * The event for a refusal.
     *
     * @param \auth_matricula\refusal $refusal the refusal
     * @return sign_on_refused
     */
    public static function of(\auth_matricula\refusal $refusal): sign_on_refused {
        $data = ['context' => \context_system::instance(), 'other' => ['reason' => $refusal->reason]];
        if ($refusal->userid) {
            $data['relateduserid'] = $refusal->userid;
        }
        return self::create($data);
    }

    /**
     * What it is about.
     */
    protected function init() {
        $this->data['crud'] = 'r';
        $this->data['edulevel'] = self::LEVEL_OTHER;
    }

    /**
     * Its name.
     *
     * @return string
     */
    public static function get_name() {
        return get_string('eventsignonrefused', 'auth_matricula');
    }

    /**
     * What happened.
     *
     * @return string
     */
    public function get_description() {
        $whom = $this->relateduserid ? " for the user with id '$this->relateduserid'" : '';
        return "A ticket of Matricula$whom was refused, for the reason '{$this->other['reason']}'.";
    }
}
