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
 * What the formats of courses say, read for many courses at once.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class course_formats {
    /**
     * The number of the last section of each course, as get_last_section_number() of its format tells it.
     *
     * @param int[] $ids
     * @return int[]
     */
    public static function last_sections(array $ids): array {
        global $DB;

        $found = $DB->get_records_sql_menu(
            'SELECT course, MAX(section) FROM {course_sections} WHERE course BETWEEN ? AND ? GROUP BY course',
            [$ids[0], end($ids)]
        );
        return array_map(function (int $id) use ($found) {
            return (int)($found[$id] ?? -1);
        }, $ids);
    }

    /**
     * The options of each course's format, as get_format_options() tells them.
     *
     * @param int[] $ids
     * @return string[] JSON objects
     */
    public static function options(array $ids): array {
        global $DB;

        [$defaults, $options] = [[], array_fill_keys($ids, [])];
        $between = [$ids[0], end($ids)];
        $formats = $DB->get_records_select_menu('course', 'id BETWEEN ? AND ?', $between, '', 'id, format');
        foreach ($ids as $id) {
            $defaults[$formats[$id]] = $defaults[$formats[$id]] ?? self::known_options($id);
            $options[$id] = array_map(function (array $option) {
                return $option['default'] ?? null;
            }, $defaults[$formats[$id]]);
        }
        $stored = $DB->get_recordset_select('course_format_options', 'sectionid = 0 AND courseid BETWEEN ? AND ?', $between);
        foreach ($stored as $one) {
            $option = $defaults[$formats[$one->courseid] ?? ''][$one->name] ?? null;
            if ($option !== null && isset($options[$one->courseid]) && $formats[$one->courseid] === $one->format) {
                $type = $option['type'] ?? PARAM_RAW;
                $options[$one->courseid][$one->name] = $one->value === null ? null : clean_param($one->value, $type);
            }
        }
        $stored->close();
        return array_map(function (array $some) {
            return \local_matricula\packing::pack((object)$some);
        }, array_values($options));
    }

    /**
     * The options that the format of a course knows.
     *
     * @param int $courseid
     * @return array[]
     */
    private static function known_options(int $courseid): array {
        global $CFG;
        require_once($CFG->dirroot . '/course/lib.php');

        return course_get_format($courseid)->course_format_options();
    }
}
