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

namespace local_matricula;

/**
 * Why one row is not done. It must be thrown before anything of the row is written.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class refusal extends \Exception {
    /** @var string a stable word for programs */
    private $reason;

    /**
     * Refuse.
     *
     * @param string $reason a stable word for programs
     * @param string $message words for people, without names of people
     */
    public function __construct(string $reason, string $message) {
        parent::__construct($message);
        $this->reason = $reason;
    }

    /**
     * What the caller is told.
     *
     * @return array
     */
    public function outcome(): array {
        return ['code' => $this->reason, 'message' => $this->getMessage()];
    }
}
