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

namespace local_matricula\external;

defined('MOODLE_INTERNAL') || die();

require_once(__DIR__ . '/../../compat.php');

use core_external\external_function_parameters;
use core_external\external_single_structure;
use core_external\external_value;
use local_matricula\packing;
use local_matricula\snapshot\kinds;

/**
 * Reads all records of a kind, in columns: raw values, with nothing left out for whoever asks.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class get_snapshot extends call {
    /** So many rows at most where the caller does not say. */
    private const ROWS = 50000;

    /**
     * Describe the parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters() {
        return new external_function_parameters([
            'kind' => new external_value(PARAM_ALPHANUMEXT, 'user, course, category, enrolment, role, group, group-member, …'),
            'fields' => new external_value(PARAM_RAW, 'JSON list of columns, all if empty', VALUE_DEFAULT, ''),
            'filter' => new external_value(PARAM_RAW, 'JSON object: name of a filter => list of values', VALUE_DEFAULT, ''),
            'after' => new external_value(PARAM_INT, 'id of the last row had', VALUE_DEFAULT, 0),
            'limit' => new external_value(PARAM_INT, 'rows at most, 0 for the usual number', VALUE_DEFAULT, 0),
        ]);
    }

    /**
     * Read a page.
     *
     * @param string $kind
     * @param string $fields
     * @param string $filter
     * @param int $after
     * @param int $limit
     * @return array
     */
    public static function execute($kind, $fields = '', $filter = '', $after = 0, $limit = 0) {
        $params = self::validate_parameters(self::execute_parameters(), [
            'kind' => $kind, 'fields' => $fields, 'filter' => $filter, 'after' => $after, 'limit' => $limit,
        ]);
        self::begin();
        $page = kinds::named($params['kind'])->page(
            packing::optional($params['fields'], 'fields'),
            packing::optional($params['filter'], 'filter'),
            $params['after'],
            $params['limit'] > 0 ? $params['limit'] : self::ROWS
        );
        return [
            'count' => $page->count,
            'next' => $page->next,
            'columns' => packing::pack((object)$page->columns),
            'now' => time(),
        ];
    }

    /**
     * Describe the answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns() {
        return new external_single_structure([
            'count' => new external_value(PARAM_INT, 'how many rows'),
            'next' => new external_value(PARAM_INT, 'what to ask for as “after” next, 0 if there is no more'),
            'columns' => new external_value(PARAM_RAW, 'JSON object: column => list of its values'),
            'now' => new external_value(PARAM_INT, 'time of the site'),
        ]);
    }
}
