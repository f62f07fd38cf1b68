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
 * What is known of the users and courses of many rows, read at once instead of for each row.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class known {
    /** @var bool[] users there are, by id */
    private $users = [];

    /** @var \stdClass[] courses there are, by id */
    private $courses = [];

    /**
     * Read what concerns some rows.
     *
     * @param array $rows as they came; those that are no rows are skipped here and refused later
     */
    public function __construct(array $rows) {
        $this->read_users(self::ids($rows, 'userid'));
        $this->read_courses(self::ids($rows, 'courseid'));
    }

    /**
     * The ids that stand in a column of rows.
     *
     * @param array $rows
     * @param string $column
     * @return int[]
     */
    public static function ids(array $rows, string $column): array {
        $ids = [];
        foreach ($rows as $values) {
            $id = is_array($values) ? ($values[$column] ?? null) : null;
            if (is_int($id) || (is_string($id) && ctype_digit($id))) {
                $ids[(int)$id] = true;
            }
        }
        return array_keys($ids);
    }

    /**
     * The user of a row.
     *
     * @param row $row
     * @return int
     * @throws refusal
     */
    public function user(row $row): int {
        $id = $row->number('userid');
        if (!isset($this->users[$id])) {
            throw new refusal('nouser', "There is no user {$id} on this site.");
        }
        return $id;
    }

    /**
     * The course of a row.
     *
     * @param row $row
     * @return \stdClass
     * @throws refusal
     */
    public function course(row $row): \stdClass {
        $id = $row->number('courseid');
        if (!isset($this->courses[$id])) {
            throw new refusal('nocourse', "There is no course {$id} on this site.");
        }
        return $this->courses[$id];
    }

    /**
     * The courses of the rows.
     *
     * @return \stdClass[] by id
     */
    public function courses(): array {
        return $this->courses;
    }

    /**
     * Read which users there are. The guest is nobody.
     *
     * @param int[] $ids
     */
    private function read_users(array $ids): void {
        global $CFG, $DB;

        if (!$ids) {
            return;
        }
        [$sql, $params] = $DB->get_in_or_equal($ids, SQL_PARAMS_NAMED);
        $params['guest'] = $CFG->siteguest;
        $found = $DB->get_fieldset_select('user', 'id', "id {$sql} AND deleted = 0 AND id <> :guest", $params);
        $this->users = array_fill_keys($found, true);
    }

    /**
     * Read courses, and keep their contexts at hand. The front page is no course.
     *
     * @param int[] $ids
     */
    private function read_courses(array $ids): void {
        global $DB;

        if (!$ids) {
            return;
        }
        [$sql, $params] = $DB->get_in_or_equal($ids, SQL_PARAMS_NAMED);
        $preload = \context_helper::get_preload_record_columns_sql('ctx');
        $found = $DB->get_records_sql(
            "SELECT c.id, c.category, {$preload}
               FROM {course} c
               JOIN {context} ctx ON ctx.instanceid = c.id AND ctx.contextlevel = :level
              WHERE c.id {$sql} AND c.id <> :site",
            $params + ['level' => CONTEXT_COURSE, 'site' => SITEID]
        );
        foreach ($found as $course) {
            \context_helper::preload_from_record($course);
        }
        $this->courses = $found;
    }
}
