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
use local_matricula\courses\silencing;
use local_matricula\packing;

/**
 * Turns the welcome messages of manual enrolment off, in single courses.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class silence extends call {
    /**
     * Describe the parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters() {
        return new external_function_parameters([
            'courseids' => new external_value(PARAM_RAW, 'JSON list of course ids'),
        ]);
    }

    /**
     * Turn welcome messages off.
     *
     * @param string $courseids
     * @return array
     */
    public static function execute($courseids) {
        $params = self::validate_parameters(self::execute_parameters(), ['courseids' => $courseids]);
        self::begin();
        return ['outcomes' => packing::pack(silencing::carry_out(packing::rows($params['courseids'])))];
    }

    /**
     * Describe the answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns() {
        return new external_single_structure([
            'outcomes' => new external_value(
                PARAM_RAW,
                'JSON list, one outcome per course in order: {"id"} of its manual enrolment, {"code", "message"} for refused'
            ),
        ]);
    }
}
