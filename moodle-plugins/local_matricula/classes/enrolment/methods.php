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

namespace local_matricula\enrolment;

use local_matricula\refusal;

/**
 * The two methods that Matricula enrols by: its own, and manual enrolment.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class methods {
    /** Names of the methods, as in {enrol}.enrol. */
    public const NAMES = ['matricula', 'manual'];

    /** @var \enrol_plugin[] by name, as far as they are installed */
    private $plugins = [];

    /**
     * Load enrollib and what is installed.
     */
    public function __construct() {
        global $CFG;
        require_once($CFG->libdir . '/enrollib.php');

        foreach (self::NAMES as $name) {
            if ($plugin = enrol_get_plugin($name)) {
                $this->plugins[$name] = $plugin;
            }
        }
    }

    /**
     * The plugin of a method, whether it is enabled or not.
     *
     * @param string $name
     * @return \enrol_plugin
     * @throws refusal
     */
    public function installed(string $name): \enrol_plugin {
        if (!in_array($name, self::NAMES, true)) {
            throw new refusal('failed', '“method” must be matricula or manual.');
        }
        if (!isset($this->plugins[$name])) {
            throw new refusal('noplugin', 'The plugin enrol_matricula is not installed on this site.');
        }
        return $this->plugins[$name];
    }

    /**
     * The plugin of a method that people can be enrolled by.
     *
     * @param string $name
     * @return \enrol_plugin
     * @throws refusal
     */
    public function enabled(string $name): \enrol_plugin {
        $plugin = $this->installed($name);
        if (enrol_is_enabled($name)) {
            return $plugin;
        }
        if ($name === 'manual') {
            throw new refusal('noinstance', 'Manual enrolment is disabled on this site.');
        }
        throw new refusal('noplugin', 'The enrolment method Matricula is disabled on this site.');
    }
}
