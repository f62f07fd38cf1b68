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
 * Words of the plugin.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$string['address'] = 'Address of Matricula';
$string['address_desc'] = 'Where Matricula\'s console is reached, for example https://matricula.example.org. Only the block needs it.';
$string['matricula:synchronise'] = 'Read and write for Matricula, in the whole site';
$string['pluginname'] = 'Matricula';
$string['privacy:metadata'] = 'The plugin stores no personal data of its own. It hands users, enrolments and grades over to the Matricula of the school through web services.';
$string['secret'] = 'Secret';
$string['secret_desc'] = 'The secret that Matricula shows beside the key of the site. Only the block needs it.';
$string['settingsheading'] = 'The way to Matricula';
$string['settingsheading_desc'] = 'The web services need none of this. It is for the block, which asks Matricula about a course.';
$string['sitekey'] = 'Key of this site';
$string['sitekey_desc'] = 'The name that this site has in Matricula. Only the block needs it.';
