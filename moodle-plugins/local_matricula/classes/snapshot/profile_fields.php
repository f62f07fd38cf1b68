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
 * Custom profile fields of users.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class profile_fields {
    /** For so many users and no more, values are asked for by the users' ids; else by the range of them. */
    private const FEW = 1000;

    /**
     * The fields there are.
     *
     * @return \stdClass[] by the name of the column
     */
    public static function all(): array {
        global $DB;

        $fields = [];
        foreach ($DB->get_records('user_info_field', null, 'id', 'id, shortname, defaultdata') as $field) {
            $fields['profile_field_' . $field->shortname] = $field;
        }
        return $fields;
    }

    /**
     * Values as they are stored, and the field's default where nothing is.
     *
     * @param \stdClass[] $fields by the name of the column
     * @param int[] $ids of the users
     * @return array[] by the name of the column
     */
    public static function values(array $fields, array $ids): array {
        global $DB;

        [$columns, $names] = [[], []];
        foreach ($fields as $name => $field) {
            $columns[$name] = array_fill(0, count($ids), $field->defaultdata);
            $names[$field->id] = $name;
        }
        [$sql, $params] = count($ids) <= self::FEW
            ? $DB->get_in_or_equal($ids, SQL_PARAMS_NAMED, 'u')
            : ['BETWEEN :first AND :last', ['first' => $ids[0], 'last' => end($ids)]];
        [$offields, $more] = $DB->get_in_or_equal(array_keys($names), SQL_PARAMS_NAMED, 'f');
        $where = "userid {$sql} AND fieldid {$offields}";
        $places = array_flip($ids);
        $values = $DB->get_recordset_select('user_info_data', $where, $params + $more, '', 'id, userid, fieldid, data');
        foreach ($values as $value) {
            if (isset($places[$value->userid])) {
                $columns[$names[$value->fieldid]][$places[$value->userid]] = $value->data;
            }
        }
        $values->close();
        return $columns;
    }
}
