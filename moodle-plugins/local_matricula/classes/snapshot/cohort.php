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
 * Cohorts of the whole site and of categories.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class cohort extends kind {
    /**
     * The columns there are.
     *
     * @return array
     */
    protected function columns(): array {
        return [
            'id' => ['k.id', self::NUMBER],
            'contextid' => ['k.contextid', self::NUMBER],
            'name' => ['k.name', self::TEXT],
            'idnumber' => ['k.idnumber', self::TEXT],
            'visible' => ['k.visible', self::NUMBER],
            'description' => ['k.description', self::TEXT],
            'component' => ['k.component', self::TEXT],
        ];
    }

    /**
     * Tables and conditions.
     *
     * @return string
     */
    protected function tables(): string {
        return "{cohort} k WHERE 1 = 1";
    }
}
