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

use core_external\external_api;

/**
 * What all calls of the plugin share: who may call.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
abstract class call extends external_api {
    /** What every caller must be allowed to, in the whole site. */
    private const CAPABILITY = 'local/matricula:synchronise';

    /**
     * Refuse callers who may not, and make room for a large call.
     *
     * @throws \required_capability_exception
     */
    protected static function begin(): void {
        $context = \context_system::instance();
        self::validate_context($context);
        require_capability(self::CAPABILITY, $context);
        \core_php_time_limit::raise();
        raise_memory_limit(MEMORY_EXTRA);
    }
}
