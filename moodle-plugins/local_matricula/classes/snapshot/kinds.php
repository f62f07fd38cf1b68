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
 * The kinds there are.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class kinds {
    /** Class of each kind by its name. */
    private const CLASSES = [
        'user' => user::class,
        'course' => course::class,
        'category' => category::class,
        'enrolment' => enrolment::class,
        'role' => role::class,
        'group' => group::class,
        'group-member' => group_member::class,
        'grouping' => grouping::class,
        'grouping-member' => grouping_member::class,
        'cohort' => cohort::class,
        'cohort-member' => cohort_member::class,
    ];

    /**
     * The kind of a name.
     *
     * @param string $name
     * @return kind
     * @throws \invalid_parameter_exception
     */
    public static function named(string $name): kind {
        if (!isset(self::CLASSES[$name])) {
            throw new \invalid_parameter_exception('kind must be one of ' . implode(', ', array_keys(self::CLASSES)));
        }
        $class = self::CLASSES[$name];
        return new $class();
    }
}
