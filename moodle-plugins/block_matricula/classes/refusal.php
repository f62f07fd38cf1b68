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
 * Why Matricula could not be asked, or what it refused, in words.
 *
 * @package    block_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class refusal extends \moodle_exception {
    /** @var string Which error it is: the name of its string without "error:". */
    public $reason;

    /**
     * Make one.
     *
     * @param string $reason which error: notset, unreachable, clock, refused, busy, broken or told
     * @param mixed $a what its string tells
     * @param string $debuginfo more, for administrators with debugging on
     */
    public function __construct(string $reason, $a = null, string $debuginfo = '') {
        $this->reason = $reason;
        parent::__construct('error:' . $reason, 'block_matricula', '', $a, $debuginfo);
    }

    /**
     * The words for people.
     *
     * @return string
     */
    public function words(): string {
        return get_string($this->errorcode, 'block_matricula', $this->a);
    }
}
