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
 * The settings of signing on by ticket.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

if ($ADMIN->fulltree) {
    $text = function (string $name): array {
        return ['auth_matricula/' . $name, get_string($name, 'auth_matricula'), get_string($name . '_desc', 'auth_matricula')];
    };
    $settings->add(new admin_setting_heading('auth_matricula/about', '', get_string('about', 'auth_matricula')));
    $settings->add(new admin_setting_configtext(...array_merge($text('issuer'), ['', PARAM_URL])));
    $settings->add(new admin_setting_configtext(...array_merge($text('application'), ['', PARAM_ALPHANUMEXT])));
    $settings->add(new admin_setting_configduration(...array_merge($text('previousfor'), [DAYSECS, HOURSECS])));
    $settings->add(new \auth_matricula\admin\secret_setting(...array_merge($text('secret'), [''])));
    $until = (int) get_config('auth_matricula', 'previousuntil');
    if ($until > time()) {
        $said = get_string('previousgood', 'auth_matricula', userdate($until));
        $settings->add(new admin_setting_heading('auth_matricula/previous', '', $said));
    }
    $settings->add(new admin_setting_configtext(...array_merge($text('leeway'), [30, PARAM_INT])));
    $settings->add(new admin_setting_configcheckbox(...array_merge($text('allowadmins'), [0])));
}
