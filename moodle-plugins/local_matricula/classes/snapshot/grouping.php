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
 * Groupings of courses.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class grouping extends kind {
    /**
     * The columns there are.
     *
     * @return array
     */
    protected function columns(): array {
        return [
            'id' => ['g.id', self::NUMBER],
            'courseid' => ['g.courseid', self::NUMBER],
            'name' => ['g.name', self::TEXT],
            'idnumber' => ['g.idnumber', self::TEXT],
            'description' => ['g.description', self::TEXT],
        ];
    }

    /**
     * Tables and conditions.
     *
     * @return string
     */
    protected function tables(): string {
        return "{groupings} g WHERE 1 = 1";
    }

    /**
     * What rows can be filtered by.
     *
     * @return array
     */
    protected function filters(): array {
        return ['courseid' => ['g.courseid', self::NUMBER]] + parent::filters();
    }
}
