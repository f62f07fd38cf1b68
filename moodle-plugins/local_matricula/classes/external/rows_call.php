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

/**
 * A call that takes rows and answers one outcome for each, in their order.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
abstract class rows_call extends call {
    /** What the call answers. */
    private const OUTCOMES = 'JSON list, one outcome per row in order: {"id": …} for done, {"code": …, "message": …} for refused';

    /**
     * What a row is made of.
     *
     * @return string
     */
    abstract protected static function row_description(): string;

    /**
     * Do what the rows say.
     *
     * @param array $rows
     * @return array the outcomes, one for each row in order
     */
    abstract protected static function carry_out(array $rows): array;

    /**
     * Describe the parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters() {
        return new external_function_parameters([
            'rows' => new external_value(PARAM_RAW, 'JSON list of ' . static::row_description()),
        ]);
    }

    /**
     * Check who calls and what, and do it.
     *
     * @param string $rows
     * @return array
     */
    public static function execute($rows) {
        $params = self::validate_parameters(static::execute_parameters(), ['rows' => $rows]);
        self::begin();
        return ['outcomes' => packing::pack(static::carry_out(packing::rows($params['rows'])))];
    }

    /**
     * Describe the answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns() {
        return new external_single_structure(['outcomes' => new external_value(PARAM_RAW, self::OUTCOMES)]);
    }
}
