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

namespace block_matricula;

/**
 * Asks Matricula, by requests that are signed, expire, and are good once.
 *
 * @package    block_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class client {
    /** @var int Seconds to wait for a connection: people wait for a course page meanwhile. */
    const CONNECT_TIMEOUT = 2;

    /** @var int Seconds to wait for the whole answer. */
    const TIMEOUT = 4;

    /** @var int Seconds to wait for it where somebody has pressed a button and looks at nothing else. */
    const PATIENCE = 15;

    /** @var string Where Matricula is. */
    private $address;

    /** @var string What this site is called there. */
    private $site;

    /** @var string The secret that both know. */
    private $secret;

    /**
     * Make one from the settings of local_matricula.
     */
    public function __construct() {
        $config = get_config('local_matricula');
        $this->address = rtrim(trim($config->address ?? ''), '/');
        $this->site = trim($config->sitekey ?? '');
        $this->secret = trim($config->secret ?? '');
    }

    /**
     * Whether everything is set that it takes to ask.
     *
     * @return bool
     */
    public function is_set(): bool {
        return $this->address !== '' && $this->site !== '' && $this->secret !== '';
    }

    /**
     * Ask something.
     *
     * @param string $act what: course, preview-enrolments, continue, preview-grades, continue-grades or job
     * @param array $given what is said with it; courseid always
     * @param int $timeout seconds to wait for the whole answer
     * @return array the answer
     * @throws refusal where it cannot be asked, or refuses
     */
    public function ask(string $act, array $given, int $timeout = self::TIMEOUT): array {
        global $CFG;
        require_once($CFG->libdir . '/filelib.php');
        if (!$this->is_set()) {
            throw new refusal('notset');
        }
        $path = '/hooks/moodle/' . rawurlencode($this->site) . '/' . $act;
        $body = json_encode($given, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
        $time = (string) time();
        $nonce = bin2hex(random_bytes(16));
        // An administrator entered the address: that it may be one of a private network is meant.
        $curl = new \curl(['ignoresecurity' => true]);
        $curl->setHeader([
            'Content-Type: application/json',
            'Accept: application/json',
            'X-Matricula-Time: ' . $time,
            'X-Matricula-Nonce: ' . $nonce,
            'X-Matricula-Signature: ' . self::signature($this->secret, $time, $nonce, $path, $body),
        ]);
        $text = $curl->post($this->address . $path, $body, [
            'CURLOPT_CONNECTTIMEOUT' => self::CONNECT_TIMEOUT,
            'CURLOPT_TIMEOUT' => $timeout,
            // A redirection could take the names of people elsewhere.
            'CURLOPT_FOLLOWLOCATION' => 0,
        ]);
        if ($curl->get_errno()) {
            throw new refusal('unreachable', null, (string) $curl->error);
        }
        return self::read((int) ($curl->get_info()['http_code'] ?? 0), (string) $text);
    }

    /**
     * The signature of a request: HMAC-SHA256 in hexadecimal.
     *
     * @param string $secret the secret
     * @param string $time when it is made, in seconds since 1970
     * @param string $nonce 32 hexadecimal digits that no other request has
     * @param string $path the path of its address
     * @param string $body what is sent
     * @return string
     */
    public static function signature(string $secret, string $time, string $nonce, string $path, string $body): string {
        $signed = implode("\n", [$time, $nonce, 'POST', $path, hash('sha256', $body)]);
        return hash_hmac('sha256', $signed, $secret);
    }

    /**
     * Read an answer.
     *
     * @param int $status the HTTP status
     * @param string $text the body
     * @return array
     * @throws refusal where it is a refusal, or no answer of Matricula's at all
     */
    public static function read(int $status, string $text): array {
        $answer = json_decode($text, true);
        if (!is_array($answer)) {
            throw new refusal('broken', $status);
        }
        if ($status === 200) {
            return $answer;
        }
        $code = (string) ($answer['code'] ?? '');
        $told = trim(($answer['title'] ?? '') . ' ' . ($answer['detail'] ?? ''));
        if ($code === 'block-clock') {
            throw new refusal('clock', $told);
        }
        if ($status === 401) {
            throw new refusal('refused', null, $code);
        }
        if ($status === 429) {
            throw new refusal('busy');
        }
        if ($told === '') {
            throw new refusal('broken', $status);
        }
        throw new refusal('told', $told, $code);
    }
}
