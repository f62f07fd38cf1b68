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
 * What Moodle does with a ticket.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace auth_matricula;

/**
 * Takes tickets in: each once, for the very account that it names.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class desk {

    /**
     * Reads a ticket, which stays good.
     *
     * @param string $jwt the ticket
     * @param string $act what it is for: login or logout
     * @return ticket
     * @throws refusal it is not good, or was used before
     */
    public static function read(string $jwt, string $act): ticket {
        global $DB;

        if (!is_enabled_auth('matricula')) {
            throw new refusal('disabled');
        }
        $ticket = ticket::read($jwt, self::settings(), $act, time());
        if ($DB->record_exists('auth_matricula_ticket', ['digest' => $ticket->digest])) {
            throw new refusal('used');
        }
        return $ticket;
    }

    /**
     * Notes that a ticket was used. The unique index lets one of several who come at once through.
     *
     * @param ticket $ticket the ticket
     * @throws refusal it was used before
     */
    public static function spend(ticket $ticket): void {
        global $DB;

        try {
            $DB->insert_record('auth_matricula_ticket', ['digest' => $ticket->digest, 'timeends' => $ticket->until], false);
        } catch (\dml_write_exception $error) {
            throw new refusal('used');
        }
    }

    /**
     * The account that a ticket names, if it may be signed on to.
     *
     * @param ticket $ticket the ticket
     * @return \stdClass
     * @throws refusal it may not
     */
    public static function account(ticket $ticket): \stdClass {
        global $CFG, $DB;

        $user = $DB->get_record('user', ['id' => $ticket->userid, 'deleted' => 0, 'mnethostid' => $CFG->mnet_localhost_id]);
        if (!$user) {
            throw new refusal('nouser');
        }
        // Databases take some letters for others; here each byte counts.
        if (!hash_equals($user->username, $ticket->username)) {
            throw new refusal('otheruser');
        }
        $reasons = [
            'guest' => isguestuser($user),
            'suspended' => (bool) $user->suspended,
            'unconfirmed' => !$user->confirmed,
            'nologin' => $user->auth === 'nologin',
            'admin' => is_siteadmin($user) && !($ticket->admin && get_config('auth_matricula', 'allowadmins')),
        ];
        foreach ($reasons as $reason => $holds) {
            if ($holds) {
                throw new refusal($reason, (int) $user->id);
            }
        }
        return $user;
    }

    /**
     * The address on this site that a ticket leads to.
     *
     * @param ticket $ticket the ticket
     * @return \moodle_url
     * @throws refusal it leads elsewhere
     */
    public static function landing(ticket $ticket): \moodle_url {
        global $CFG;

        $address = $CFG->wwwroot . $ticket->to;
        if (clean_param($address, PARAM_LOCALURL) !== $address) {
            throw new refusal('landing', $ticket->userid);
        }
        return new \moodle_url($address);
    }

    /**
     * Shows why somebody is not signed on, notes it, and ends.
     *
     * @param refusal $refusal why
     */
    public static function refuse(refusal $refusal): void {
        global $OUTPUT, $PAGE;

        event\sign_on_refused::of($refusal)->trigger();
        $issuer = (string) get_config('auth_matricula', 'issuer');
        http_response_code(403);
        $PAGE->set_pagelayout('login');
        $PAGE->set_title(get_string('refused', 'auth_matricula'));
        echo $OUTPUT->header();
        echo $OUTPUT->heading(get_string('refused', 'auth_matricula'));
        echo \html_writer::tag('p', get_string('refused_' . $refusal->reason, 'auth_matricula'));
        echo \html_writer::tag('p', get_string('reason', 'auth_matricula', $refusal->reason), ['class' => 'text-muted']);
        if ($issuer !== '') {
            echo \html_writer::tag('p', \html_writer::link($issuer, get_string('again', 'auth_matricula')));
        }
        echo $OUTPUT->footer();
        die();
    }

    /**
     * Sends what keeps a ticket, which stands in the address, from other pages and from caches.
     */
    public static function send_headers(): void {
        header('Referrer-Policy: no-referrer');
        header('Cache-Control: no-store');
    }

    /**
     * The settings, as tickets are checked by.
     *
     * @return array
     */
    private static function settings(): array {
        global $CFG;

        $config = get_config('auth_matricula');
        return [
            'application' => trim((string) ($config->application ?? '')),
            'secret' => (string) ($config->secret ?? ''),
            'previous' => (string) ($config->previoussecret ?? ''),
            'previousuntil' => (int) ($config->previousuntil ?? 0),
            'issuer' => rtrim(trim((string) ($config->issuer ?? '')), '/'),
            'site' => $CFG->wwwroot,
            'leeway' => (int) ($config->leeway ?? 30),
        ];
    }
}
