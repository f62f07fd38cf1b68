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
 * Texts in English.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$string['about'] = 'People sign in to Matricula and go on to this Moodle with a signed ticket, which is good once and for a minute. Everything to enter here stands in Matricula on the page of this site, under “Signing on”.';
$string['again'] = 'Go back to Matricula and try again';
$string['allowadmins'] = 'Site administrators';
$string['allowadmins_desc'] = 'Whether site administrators may be signed on by ticket, too. Matricula must allow it for this site as well.';
$string['application'] = 'Application id';
$string['application_desc'] = 'What Matricula calls this site.';
$string['eventsignedon'] = 'Signed on by Matricula';
$string['eventsignonrefused'] = 'Signing on by Matricula refused';
$string['issuer'] = 'Address of Matricula';
$string['issuer_desc'] = 'As people reach it with their browsers, for example https://matricula.school.example';
$string['leeway'] = 'Difference of clocks';
$string['leeway_desc'] = 'Seconds by which the clocks of this server and of Matricula’s may differ.';
$string['pluginname'] = 'Matricula';
$string['previousfor'] = 'Keep the former secret for';
$string['previousfor_desc'] = 'When another secret is entered below, tickets signed with the former one are good for so long.';
$string['previousgood'] = 'The former secret is good until {$a}.';
$string['privacy:metadata'] = 'Signing on by Matricula keeps no personal data: of used tickets only the digest of a random number.';
$string['reason'] = 'Reason: {$a}';
$string['refused'] = 'You were not signed on';
$string['refused_act'] = 'The ticket is for something else.';
$string['refused_admin'] = 'Site administrators are not signed on in this way. Sign in with your user name and password.';
$string['refused_algorithm'] = 'The ticket is not signed in the way that was agreed on.';
$string['refused_application'] = 'The ticket is of another application.';
$string['refused_back'] = 'The ticket leads back to an address that is not Matricula’s.';
$string['refused_disabled'] = 'Signing on by Matricula is not enabled here. Ask the administrators of this site.';
$string['refused_early'] = 'The ticket is not good yet: the clocks of the two servers differ. Tell the administrators of this site.';
$string['refused_expired'] = 'The ticket is good no more. Go back and try again.';
$string['refused_guest'] = 'Nobody is signed on as guest.';
$string['refused_issuer'] = 'The ticket is of another Matricula.';
$string['refused_landing'] = 'The ticket leads to an address that is not on this site.';
$string['refused_malformed'] = 'This is no ticket.';
$string['refused_nologin'] = 'Your account here may not sign in. Ask the administrators of this site.';
$string['refused_nouser'] = 'There is no such account here.';
$string['refused_otheruser'] = 'The account is no longer the one that the ticket was made for.';
$string['refused_signature'] = 'The ticket is not signed by Matricula.';
$string['refused_site'] = 'The ticket is for another site.';
$string['refused_suspended'] = 'Your account here is suspended. Ask the administrators of this site.';
$string['refused_toolong'] = 'The ticket is good for longer than a ticket may be.';
$string['refused_unconfirmed'] = 'Your account here is not confirmed yet.';
$string['refused_unset'] = 'Signing on by Matricula is not set up here. Ask the administrators of this site.';
$string['refused_used'] = 'The ticket was used before. Go back and try again.';
$string['secret'] = 'Secret';
$string['secret_desc'] = 'Tickets are signed with it. Matricula shows it once, when it is made.';
$string['secretshort'] = 'The secret must have at least {$a} characters.';
$string['taskforgettickets'] = 'Forget used tickets';
