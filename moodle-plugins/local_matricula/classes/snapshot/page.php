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

namespace local_matricula\snapshot;

/**
 * Some rows of a kind, as equally long columns.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class page {
    /** @var int how many rows */
    public $count = 0;

    /** @var int key to go on after, 0 if these were the last rows */
    public $next = 0;

    /** @var array[] values by name of the column */
    public $columns = [];

    /**
     * A page without rows yet.
     *
     * @param string[] $names of the columns
     */
    public function __construct(array $names) {
        $this->columns = array_fill_keys($names, []);
    }
}
