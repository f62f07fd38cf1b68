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
 * Why somebody is not signed on.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace auth_matricula;

/**
 * A ticket that is not good, or an account that may not be signed on to.
 *
 * @package    auth_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class refusal extends \Exception {

    /** @var string the reason, in one word; there is a text refused_REASON for it */
    public $reason;

    /** @var int the account that the ticket names, where it is believed and there is one; else 0 */
    public $userid;

    /**
     * Makes a refusal.
     *
     * @param string $reason the reason, in one word
     * @param int $userid the account
     */
    public function __construct(string $reason, int $userid = 0) {
        parent::__construct($reason);
        $this->reason = $reason;
        $this->userid = $userid;
    }
}
