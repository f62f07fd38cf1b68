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
 * Words of the method.
 *
 * @package    enrol_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$string['matricula:config'] = 'Disable, enable and delete Matricula enrolment instances';
$string['matricula:manage'] = 'Suspend users enrolled by Matricula, and change their dates';
$string['matricula:unenrol'] = 'Unenrol users enrolled by Matricula';
$string['pluginname'] = 'Matricula';
$string['pluginname_desc'] = 'Enrolments that Matricula keeps in step with the school\'s system. Nobody is enrolled by hand with this method; managers may suspend and unenrol. Matricula makes the instance of a course when it enrols the first person. While the method is disabled here, its enrolments stay stored and give nobody access.';
$string['privacy:metadata'] = 'The Matricula enrolment method stores no personal data of its own. Who is enrolled is stored by Moodle.';
