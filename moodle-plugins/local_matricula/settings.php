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
 * The settings page: the way to Matricula, for the block.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

if ($hassiteconfig) {
    $settings = new admin_settingpage('local_matricula', get_string('pluginname', 'local_matricula'));
    $ADMIN->add('localplugins', $settings);

    if ($ADMIN->fulltree) {
        $settings->add(new admin_setting_heading(
            'local_matricula/heading',
            get_string('settingsheading', 'local_matricula'),
            get_string('settingsheading_desc', 'local_matricula')
        ));
        $settings->add(new admin_setting_configtext(
            'local_matricula/address',
            get_string('address', 'local_matricula'),
            get_string('address_desc', 'local_matricula'),
            '',
            PARAM_URL
        ));
        $settings->add(new admin_setting_configtext(
            'local_matricula/sitekey',
            get_string('sitekey', 'local_matricula'),
            get_string('sitekey_desc', 'local_matricula'),
            '',
            PARAM_ALPHANUMEXT
        ));
        $settings->add(new admin_setting_configpasswordunmask(
            'local_matricula/secret',
            get_string('secret', 'local_matricula'),
            get_string('secret_desc', 'local_matricula'),
            ''
        ));
    }
}
