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
 * Courses, without the front page.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class course extends kind {
    /** Columns of {course} that hold numbers. */
    private const NUMBERS = ['id', 'visible', 'summaryformat', 'startdate', 'enddate', 'showgrades', 'newsitems', 'groupmode',
        'groupmodeforce', 'defaultgroupingid', 'enablecompletion', 'maxbytes', 'showreports', 'timecreated', 'timemodified'];

    /** Columns of {course} that hold texts. */
    private const TEXTS = ['shortname', 'fullname', 'idnumber', 'summary', 'format', 'lang', 'theme'];

    /**
     * The columns there are.
     *
     * @return array
     */
    protected function columns(): array {
        $columns = ['categoryid' => ['c.category', self::NUMBER]];
        foreach (self::NUMBERS as $name) {
            $columns[$name] = ["c.{$name}", self::NUMBER];
        }
        foreach (self::TEXTS as $name) {
            $columns[$name] = ["c.{$name}", self::TEXT];
        }
        return $columns;
    }

    /**
     * Tables and conditions.
     *
     * @return string
     */
    protected function tables(): string {
        return '{course} c WHERE c.id <> ' . (int)SITEID;
    }

    /**
     * What rows can be filtered by.
     *
     * @return array
     */
    protected function filters(): array {
        return [
            'categoryid' => ['c.category', self::NUMBER],
            'shortname' => ['c.shortname', self::TEXT],
            'idnumber' => ['c.idnumber', self::TEXT],
        ] + parent::filters();
    }

    /**
     * Custom fields, and what the format of a course says.
     *
     * @return array
     */
    protected function computed(): array {
        return course_fields::all() + ['numsections' => null, 'formatoptions' => null];
    }

    /**
     * Read custom fields, and what the formats of courses say.
     *
     * @param array $wanted
     * @param int[] $ids
     * @return array
     */
    protected function compute(array $wanted, array $ids): array {
        $fields = array_filter($wanted);
        $columns = $fields ? course_fields::values($fields, $ids) : [];
        if (array_key_exists('numsections', $wanted)) {
            $columns['numsections'] = course_formats::last_sections($ids);
        }
        if (array_key_exists('formatoptions', $wanted)) {
            $columns['formatoptions'] = course_formats::options($ids);
        }
        return $columns;
    }
}
