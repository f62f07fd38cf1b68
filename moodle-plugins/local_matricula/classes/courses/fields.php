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

namespace local_matricula\courses;

use core_customfield\data_controller;
use core_customfield\field_controller;
use local_matricula\known;
use local_matricula\refusal;
use local_matricula\row;
use local_matricula\rows;

defined('MOODLE_INTERNAL') || die();

global $CFG;
require_once($CFG->dirroot . '/course/lib.php');

/**
 * Custom fields of courses, as rows name them.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class fields {
    /** @var field_controller[]|null those of the site, by short name */
    private static $known = null;

    /** @var array values as they are stored: short name => value */
    private $values = [];

    /**
     * Write custom fields of courses.
     *
     * @param array $rows
     * @return array outcomes with the ids of the courses
     */
    public static function save(array $rows): array {
        $known = new known($rows);
        return rows::one_by_one($rows, function (row $row) use ($known) {
            $courseid = (int)$known->course($row)->id;
            $fields = self::of_row($row, 'fields');
            update_course((object)(['id' => $courseid] + $fields->properties($courseid)));
            return ['id' => $courseid];
        });
    }

    /**
     * The fields that a row names.
     *
     * @param row $row
     * @param string $name of the column
     * @return self
     * @throws refusal
     */
    public static function of_row(row $row, string $name): self {
        if (self::$known === null) {
            self::$known = [];
            foreach (\core_course\customfield\course_handler::create()->get_fields() as $field) {
                self::$known[$field->get('shortname')] = $field;
            }
        }
        $fields = new self();
        foreach ($row->texts($name) as $shortname => $text) {
            if (!isset(self::$known[$shortname])) {
                throw new refusal('nofield', "Courses of this site have no custom field “{$shortname}”.");
            }
            $fields->values[$shortname] = self::stored(self::$known[$shortname], $text);
        }
        return $fields;
    }

    /**
     * The properties that update_course() takes the fields from.
     *
     * @param int $courseid
     * @return array
     * @throws refusal for a value that a field does not take
     */
    public function properties(int $courseid): array {
        $properties = [];
        foreach ($this->values as $shortname => $value) {
            $data = data_controller::create(0, null, self::$known[$shortname]);
            $name = $data->get_form_element_name();
            if ($data->datafield() === 'value') {
                $value = ['text' => $value, 'format' => FORMAT_HTML];
            } else if ($data->instance_form_validation(['id' => $courseid, $name => $value], [])) {
                throw new refusal('badvalue', "The custom field “{$shortname}” does not take this value.");
            }
            $properties[$name] = $value;
        }
        return $properties;
    }

    /**
     * A value as it is stored: options of a menu may be named by their words.
     *
     * @param field_controller $field
     * @param string $text
     * @return string
     * @throws refusal
     */
    private static function stored(field_controller $field, string $text): string {
        if ($field->get('type') !== 'select') {
            return $text;
        }
        $options = array_map('strval', $field->get_options());
        $place = $text === '' ? 0 : array_search($text, $options, true);
        if ($place !== false) {
            return (string)$place;
        }
        if (ctype_digit($text) && isset($options[(int)$text])) {
            return $text;
        }
        throw new refusal('badvalue', "The custom field “{$field->get('shortname')}” has no such option.");
    }
}
