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
 * What Matricula must know of this site.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class site {
    /** Plugins whose presence makes a difference. */
    private const PLUGINS = ['enrol_matricula', 'enrol_manual', 'enrol_meta', 'enrol_cohort', 'auth_matricula', 'auth_userkey',
        'block_matricula'];

    /**
     * The release of this plugin, for people.
     *
     * @return string
     */
    public static function release(): string {
        $plugin = new \stdClass();
        include(__DIR__ . '/../version.php');
        return $plugin->release;
    }

    /**
     * The plugins that are installed.
     *
     * @return array name => version and whether it is enabled
     */
    public static function plugins(): array {
        $plugins = [];
        foreach (self::PLUGINS as $name) {
            if ($version = get_config($name, 'version')) {
                $plugins[$name] = ['version' => (int)$version, 'enabled' => self::is_enabled($name)];
            }
        }
        return $plugins;
    }

    /**
     * The roles there are.
     *
     * @return array
     */
    public static function roles(): array {
        $mayassign = new enrolment\assignable();
        $roles = [];
        foreach (get_all_roles() as $role) {
            $roles[] = [
                'id' => (int)$role->id,
                'shortname' => $role->shortname,
                'archetype' => $role->archetype,
                'assignable' => $mayassign->may($role->id, \context_system::instance()),
            ];
        }
        return $roles;
    }

    /**
     * Settings that make a difference.
     *
     * @return array
     */
    public static function settings(): array {
        global $CFG;

        return [
            'welcome' => (bool)get_config('enrol_manual', 'sendcoursewelcomemessage'),
            'maxinputvars' => (int)ini_get('max_input_vars'),
            'sessiontimeout' => (int)$CFG->sessiontimeout,
        ];
    }

    /**
     * Whether a plugin that is installed is enabled.
     *
     * @param string $name
     * @return bool
     */
    private static function is_enabled(string $name): bool {
        global $DB;

        [$type, $plugin] = \core_component::normalize_component($name);
        if ($type === 'enrol') {
            return enrol_is_enabled($plugin);
        }
        if ($type === 'auth') {
            return is_enabled_auth($plugin);
        }
        return $DB->record_exists('block', ['name' => $plugin, 'visible' => 1]);
    }
}
