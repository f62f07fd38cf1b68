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
 * English strings.
 *
 * @package    block_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$string['action:account'] = 'Accounts';
$string['action:add'] = 'Will be enrolled';
$string['action:back'] = 'Will be active again';
$string['action:course'] = 'The course itself';
$string['action:dates'] = 'Dates that will change';
$string['action:grade'] = 'Grades';
$string['action:group'] = 'Groups';
$string['action:keep'] = 'Enrolled already; left as they are';
$string['action:other'] = 'Other changes';
$string['action:remove'] = 'Will be taken out of the course';
$string['action:role'] = 'Roles that will change';
$string['action:suspend'] = 'Will be suspended';
$string['agree'] = 'I have looked at who loses access: {$a}';
$string['agreefirst'] = 'Tick that you have looked at who loses access, then continue.';
$string['andmore'] = 'and {$a} more';
$string['asof'] = 'As of {$a}';
$string['backtocourse'] = 'Back to the course';
$string['cachedef_courses'] = 'What Matricula says of courses';
$string['cancel'] = 'Leave everything as it is';
$string['changedat'] = 'Last change: {$a}';
$string['continue'] = 'Continue';
$string['continuehint'] = 'Exactly what is listed here is done, and nothing else.';
$string['error:broken'] = 'Matricula\'s address gave an answer that is not Matricula\'s (HTTP {$a}). An administrator should check the address in the settings of the plugin Matricula.';
$string['error:busy'] = 'Matricula is asked too much just now. Try again in a minute.';
$string['error:clock'] = 'The clocks of the two servers differ. {$a}';
$string['error:notset'] = 'The connection to Matricula is not set up. An administrator enters its address, site and secret in the settings of the plugin Matricula.';
$string['error:refused'] = 'Matricula did not accept the request: site or secret are not those that it knows. An administrator should compare the settings of the plugin Matricula with the site\'s page in Matricula.';
$string['error:told'] = '{$a}';
$string['error:unreachable'] = 'Matricula cannot be reached just now. Nothing in the course has changed; try again later.';
$string['from'] = 'From {$a->source}, by the rules of {$a->profile}';
$string['held'] = 'This waits for a person';
$string['heldwho'] = 'It takes away more than may be done unasked. An approver or owner of Matricula can look at it there and release it; from here it cannot be.';
$string['insync'] = 'In step with the school\'s roster: {$a}';
$string['leftout'] = 'To be looked at in the roster';
$string['lookagain'] = 'Look again';
$string['matricula:addinstance'] = 'Add a Matricula block';
$string['matricula:synchronise'] = 'Bring a course in step through Matricula';
$string['matricula:view'] = 'See how a course stands with Matricula, and who is missing';
$string['missing'] = 'Missing: {$a}';
$string['missingmore'] = 'Show {$a} more';
$string['neversynced'] = 'Not brought in step yet';
$string['nobodymissing'] = 'Nobody is missing.';
$string['notdone'] = 'Not done';
$string['nothing'] = 'Everything is in step; there is nothing to do.';
$string['notkept'] = 'Matricula does not keep this course in step.';
$string['obstacle'] = 'It cannot be done now';
$string['over'] = 'This was done before, or something newer has taken its place.';
$string['pluginname'] = 'Matricula';
$string['privacy:metadata:matricula'] = 'Matricula, the school\'s own hub between its information system and Moodle, is told who asked it to bring a course in step. What it answers for the block, names of people missing in a course among it, is kept in a cache for a day at most.';
$string['privacy:metadata:matricula:by'] = 'The user name of whoever asked.';
$string['privacy:metadata:matricula:courseid'] = 'The course.';
$string['progress'] = '{$a->done} of {$a->total}';
$string['readat'] = 'Roster read: {$a}';
$string['synchroniseenrolments'] = 'Synchronise enrolments';
$string['synchronisegrades'] = 'Synchronise grades';
$string['synchronisegradesof'] = 'Synchronise grades of {$a}';
$string['tools'] = 'Learning tools';
$string['toolwith'] = 'together with {$a}';
$string['toolwrong'] = 'It is not connected now.';
$string['underway'] = 'At work. This page looks again by itself.';
