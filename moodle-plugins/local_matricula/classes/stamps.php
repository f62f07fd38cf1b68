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
 * Tells cheaply whether anything of a kind has changed: counts, greatest ids and sums, in one query for each table.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class stamps {
    /** Times of change are whole seconds: what changed so lately may change again within the same one. */
    private const YOUNG = 2;

    /**
     * What is looked at of each table: from where, and sums that change with the rows.
     *
     * @return array name => [tables and conditions, key, expressions to sum, column with the time of change or null]
     */
    private static function tables(): array {
        global $DB;

        $incourses = '{role_assignments} ra JOIN {context} ctx ON ctx.id = ra.contextid AND ctx.contextlevel = ' . CONTEXT_COURSE;
        $length = $DB->sql_length('data');
        return [
            'user' => ['{user}', 'id', ['timemodified', 'suspended', 'deleted'], 'timemodified'],
            'profile' => ['{user_info_data}', 'id', ['fieldid', $length], null],
            'course' => ['{course}', 'id', ['timemodified', 'visible', 'category', 'id * visible'], 'timemodified'],
            'field' => ['{customfield_data}', 'id', ['timemodified'], 'timemodified'],
            'category' => [
                '{course_categories}',
                'id',
                ['timemodified', 'id * visible', 'id * parent', 'id * sortorder'],
                'timemodified',
            ],
            'instance' => ['{enrol}', 'id', ['timemodified', 'id * status'], null],
            'enrolment' => [
                '{user_enrolments}',
                'id',
                ['timemodified', 'id * status', 'timestart', 'timeend', 'enrolid'],
                'timemodified',
            ],
            'role' => [$incourses, 'ra.id', ['ra.timemodified', 'ra.roleid', 'ra.userid', 'ra.itemid'], 'ra.timemodified'],
            'group' => ['{groups}', 'id', ['timemodified'], 'timemodified'],
            'group-member' => ['{groups_members}', 'id', ['groupid', 'userid', 'itemid'], null],
            'grouping' => ['{groupings}', 'id', ['timemodified'], 'timemodified'],
            'grouping-member' => ['{groupings_groups}', 'id', ['groupingid', 'groupid'], null],
            'cohort' => ['{cohort}', 'id', ['timemodified', 'id * visible'], 'timemodified'],
            'cohort-member' => ['{cohort_members}', 'id', ['cohortid', 'userid'], null],
        ];
    }

    /** Which tables each kind of a snapshot is read from. */
    private const KINDS = [
        'user' => ['user', 'profile'],
        'course' => ['course', 'field'],
        'category' => ['category'],
        'enrolment' => ['instance', 'enrolment', 'role'],
        'role' => ['role'],
        'group' => ['group'],
        'group-member' => ['group-member'],
        'grouping' => ['grouping'],
        'grouping-member' => ['grouping-member'],
        'cohort' => ['cohort'],
        'cohort-member' => ['cohort-member'],
    ];

    /**
     * The stamps of all kinds.
     *
     * @return string[] by kind
     */
    public static function all(): array {
        $tables = array_map([self::class, 'of_table'], self::tables());
        $stamps = [];
        foreach (self::KINDS as $kind => $names) {
            $stamps[$kind] = implode('/', array_intersect_key($tables, array_flip($names)));
        }
        return $stamps;
    }

    /**
     * The stamp of one table.
     *
     * @param array $table
     * @return string
     */
    private static function of_table(array $table): string {
        global $DB;

        [$from, $key, $sums, $time] = $table;
        $parts = ['COUNT(*) AS rowcount', "MAX({$key}) AS lastid", 'MAX(' . ($time ?? $key) . ') AS latest'];
        foreach ($sums as $number => $expression) {
            $parts[] = "SUM({$expression}) AS sum{$number}";
        }
        $found = (array)$DB->get_record_sql('SELECT ' . implode(', ', $parts) . " FROM {$from}");
        $stamp = implode('.', array_map('strval', $found));
        $isyoung = $time !== null && (int)$found['latest'] > time() - self::YOUNG;
        return $isyoung ? $stamp . '~' . microtime(true) : $stamp;
    }
}
