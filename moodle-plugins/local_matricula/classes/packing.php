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
 * Values packed into one text, which Moodle checks and hands over far faster than structures.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class packing {
    /** No value is worth losing an answer: what is no UTF-8 is replaced. */
    private const FLAGS = JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR;

    /**
     * Pack a value.
     *
     * @param mixed $value a list, or an object for what must be an object even if empty
     * @return string
     */
    public static function pack($value): string {
        return json_encode($value, self::FLAGS);
    }

    /**
     * Unpack rows.
     *
     * @param string $text
     * @return array a list; whether each of them is a row is for {@see row} to say
     * @throws \invalid_parameter_exception where it is no list at all
     */
    public static function rows(string $text): array {
        $rows = json_decode($text, true);
        if (!is_array($rows) || array_values($rows) !== $rows) {
            throw new \invalid_parameter_exception('rows must be a JSON list');
        }
        return $rows;
    }

    /**
     * Unpack something that may be left empty.
     *
     * @param string $text
     * @param string $name what the parameter is called
     * @return array empty where the text is
     * @throws \invalid_parameter_exception
     */
    public static function optional(string $text, string $name): array {
        if ($text === '') {
            return [];
        }
        $value = json_decode($text, true);
        if (!is_array($value)) {
            throw new \invalid_parameter_exception($name . ' must be empty or JSON');
        }
        return $value;
    }
}
