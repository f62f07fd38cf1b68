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

use core_customfield\data_controller;
use core_customfield\field_controller;

/**
 * Custom fields of courses.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class course_fields {
    /**
     * The fields there are.
     *
     * @return field_controller[] by the name of the column
     */
    public static function all(): array {
        $fields = [];
        foreach (\core_course\customfield\course_handler::create()->get_fields() as $field) {
            $fields['customfield_' . $field->get('shortname')] = $field;
        }
        return $fields;
    }

    /**
     * Values as data_controller::get_value() tells them, in one query for all courses and fields.
     *
     * @param field_controller[] $fields by the name of the column
     * @param int[] $ids of the courses
     * @return array[] by the name of the column: texts, or null for nothing
     */
    public static function values(array $fields, array $ids): array {
        global $DB;

        [$columns, $names, $stored] = [[], [], []];
        foreach ($fields as $name => $field) {
            $empty = data_controller::create(0, null, $field);
            $default = $empty->get_default_value();
            $columns[$name] = array_fill(0, count($ids), $default === null ? null : (string)$default);
            $names[$field->get('id')] = $name;
            $stored[$field->get('id')] = $empty->datafield();
        }
        [$sql, $params] = $DB->get_in_or_equal(array_keys($names), SQL_PARAMS_NAMED);
        $params += ['first' => $ids[0], 'last' => end($ids)];
        $where = "fieldid {$sql} AND instanceid BETWEEN :first AND :last";
        $places = array_flip($ids);
        $values = $DB->get_recordset_select('customfield_data', $where, $params);
        foreach ($values as $value) {
            if (isset($places[$value->instanceid])) {
                $columns[$names[$value->fieldid]][$places[$value->instanceid]] = $value->{$stored[$value->fieldid]};
            }
        }
        $values->close();
        return $columns;
    }
}
