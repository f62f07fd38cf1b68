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
 * A ticket of Matricula, checked.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace auth_matricula;

use Firebase\JWT\BeforeValidException;
use Firebase\JWT\ExpiredException;
use Firebase\JWT\JWT;
use Firebase\JWT\Key;
use Firebase\JWT\SignatureInvalidException;

/**
 * Says who is to be signed on, as which account and where to. It knows nothing of Moodle but its JWT library.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class ticket {

    /** @var string the one algorithm that is believed: the ticket has no say in it */
    const ALGORITHM = 'HS256';

    /** @var int characters that a secret must have */
    const SHORTEST_SECRET = 32;

    /** @var int characters that a ticket may have */
    const LONGEST = 4096;

    /** @var int seconds that a ticket may be good for, whatever it says of itself */
    const LONGEST_LIFE = 120;

    /** @var int seconds that clocks may differ by at most, whatever is set */
    const GREATEST_LEEWAY = 300;

    /** @var int id of the account */
    public $userid;

    /** @var string user name of the account */
    public $username;

    /** @var string where to go on to, below the site's address */
    public $to;

    /** @var string address of Matricula that signing out leads to; empty for none */
    public $back;

    /** @var bool whether it is good for a site administrator */
    public $admin;

    /** @var string digest of what makes it good once */
    public $digest;

    /** @var int moment after which it is good no more, whatever the clocks say */
    public $until;

    /**
     * Checks a ticket.
     *
     * @param string $jwt the ticket
     * @param array $settings application, secret, previous (a former secret), previousuntil (moment it is good until),
     *      issuer (Matricula's address), site (this Moodle's address), leeway (seconds)
     * @param string $act what it is for: login or logout
     * @param int $now the moment
     * @return ticket
     * @throws refusal it is not good
     */
    public static function read(string $jwt, array $settings, string $act, int $now): ticket {
        if ($settings['application'] === '' || $settings['issuer'] === '' ||
                strlen($settings['secret']) < self::SHORTEST_SECRET) {
            throw new refusal('unset');
        }
        self::check_form($jwt, $settings['application']);
        $leeway = max(0, min(self::GREATEST_LEEWAY, $settings['leeway']));
        $claims = self::claims($jwt, $settings, $leeway, $now);
        self::check_parties($claims, $settings, $act);
        $until = self::check_times($claims, $leeway, $now);
        return self::made($claims, $settings['issuer'], $until);
    }

    /**
     * Whether a landing address stays on the site: a path from its root, without any way out of it.
     *
     * @param string $to the address
     * @return bool
     */
    public static function is_relative(string $to): bool {
        if (!preg_match('~^/[\x21-\x7e]*\z~', $to) || strlen($to) > 1000) {
            return false;
        }
        if (strpos($to, '//') !== false || strpos($to, '\\') !== false) {
            return false;
        }
        $path = rawurldecode(preg_replace('~[?#].*~', '', $to));
        return !preg_match('~[\x00-\x1f\x7f\\\\]|//|(^|/)\.\.?(/|\z)~', $path);
    }

    /**
     * Whether an address is one of Matricula's own.
     *
     * @param string $address the address
     * @param string $issuer Matricula's address
     * @return bool
     */
    public static function is_of_issuer(string $address, string $issuer): bool {
        $base = rtrim($issuer, '/') . '/';
        return strpos($address, $base) === 0 && preg_match('~^[\x21-\x7e]+\z~', $address) && strlen($address) <= 1000;
    }

    /**
     * Refuses what is no ticket at all, or says that it is signed in another way.
     *
     * @param string $jwt the ticket
     * @param string $application the application id
     */
    private static function check_form(string $jwt, string $application): void {
        if (strlen($jwt) > self::LONGEST || !preg_match('~^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\z~', $jwt)) {
            throw new refusal('malformed');
        }
        $header = json_decode((string) base64_decode(strtr(strstr($jwt, '.', true), '-_', '+/')), true);
        if (!is_array($header) || ($header['alg'] ?? null) !== self::ALGORITHM || isset($header['crit'])) {
            throw new refusal('algorithm');
        }
        $kid = $header['kid'] ?? null;
        if (!is_string($kid) || !hash_equals($application, $kid)) {
            throw new refusal('application');
        }
    }

    /**
     * What the ticket says, if it is signed with the secret, or with the former one while that is still good.
     *
     * @param string $jwt the ticket
     * @param array $settings the settings
     * @param int $leeway seconds that clocks may differ by
     * @param int $now the moment
     * @return array
     */
    private static function claims(string $jwt, array $settings, int $leeway, int $now): array {
        $secrets = [$settings['secret']];
        if (strlen($settings['previous']) >= self::SHORTEST_SECRET && $now < $settings['previousuntil']) {
            $secrets[] = $settings['previous'];
        }
        $before = [JWT::$leeway, JWT::$timestamp];
        [JWT::$leeway, JWT::$timestamp] = [$leeway, $now];
        try {
            foreach ($secrets as $secret) {
                try {
                    // The library compares signatures in a time that does not depend on where they differ.
                    return json_decode(json_encode(JWT::decode($jwt, new Key($secret, self::ALGORITHM))), true);
                } catch (SignatureInvalidException $other) {
                    continue;
                } catch (ExpiredException $late) {
                    throw new refusal('expired');
                } catch (BeforeValidException $early) {
                    throw new refusal('early');
                } catch (\UnexpectedValueException | \DomainException | \InvalidArgumentException | \TypeError $odd) {
                    throw new refusal('malformed');
                }
            }
        } finally {
            [JWT::$leeway, JWT::$timestamp] = $before;
        }
        throw new refusal('signature');
    }

    /**
     * Refuses a ticket of another Matricula, for another site or for another act.
     *
     * @param array $claims what it says
     * @param array $settings the settings
     * @param string $act what it must be for
     */
    private static function check_parties(array $claims, array $settings, string $act): void {
        $expected = ['iss' => $settings['issuer'], 'aud' => $settings['site'], 'app' => $settings['application']];
        $reasons = ['iss' => 'issuer', 'aud' => 'site', 'app' => 'application'];
        foreach ($expected as $name => $value) {
            if (!isset($claims[$name]) || !is_string($claims[$name]) || $claims[$name] !== $value) {
                throw new refusal($reasons[$name]);
            }
        }
        if (($claims['act'] ?? 'login') !== $act) {
            throw new refusal('act');
        }
    }

    /**
     * Refuses a ticket that is not of now. The library has looked at times that are there; here they must be.
     *
     * @param array $claims what it says
     * @param int $leeway seconds that clocks may differ by
     * @param int $now the moment
     * @return int moment after which it is good no more
     */
    private static function check_times(array $claims, int $leeway, int $now): int {
        foreach (['iat', 'nbf', 'exp'] as $name) {
            if (!isset($claims[$name]) || !is_int($claims[$name])) {
                throw new refusal('malformed');
            }
        }
        if ($claims['exp'] + $leeway <= $now) {
            throw new refusal('expired');
        }
        if (max($claims['iat'], $claims['nbf']) > $now + $leeway) {
            throw new refusal('early');
        }
        if ($claims['exp'] - min($claims['iat'], $claims['nbf']) > self::LONGEST_LIFE) {
            throw new refusal('toolong');
        }
        return $claims['exp'] + $leeway;
    }

    /**
     * The ticket.
     *
     * @param array $claims what it says
     * @param string $issuer Matricula's address
     * @param int $until moment after which it is good no more
     * @return ticket
     */
    private static function made(array $claims, string $issuer, int $until): ticket {
        $forms = ['sub' => '~^[1-9][0-9]{0,17}\z~', 'username' => '~^.{1,100}\z~su', 'jti' => '~^[A-Za-z0-9_-]{22,64}\z~'];
        foreach ($forms as $name => $form) {
            if (!isset($claims[$name]) || !is_string($claims[$name]) || !preg_match($form, $claims[$name])) {
                throw new refusal('malformed');
            }
        }
        $to = $claims['to'] ?? '/my/';
        if (!is_string($to) || !self::is_relative($to)) {
            throw new refusal('landing');
        }
        $back = $claims['back'] ?? '';
        if (!is_string($back) || ($back !== '' && !self::is_of_issuer($back, $issuer))) {
            throw new refusal('back');
        }
        $ticket = new self();
        $ticket->userid = (int) $claims['sub'];
        $ticket->username = $claims['username'];
        $ticket->to = $to;
        $ticket->back = $back;
        $ticket->admin = ($claims['admin'] ?? false) === true;
        $ticket->digest = hash('sha256', $claims['jti']);
        $ticket->until = $until;
        return $ticket;
    }
}
