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

use local_matricula\known;
use local_matricula\refusal;
use local_matricula\row;
use local_matricula\rows;

/**
 * Meta-links: everybody of the linked course is enrolled in the course, too.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class links {
    /**
     * Make links.
     *
     * @param array $rows
     * @return array outcomes with the ids of the instances
     */
    public static function save(array $rows): array {
        [$known, $linked] = self::known($rows);
        return rows::one_by_one($rows, function (row $row) use ($known, $linked) {
            $plugin = self::plugin();
            if (!enrol_is_enabled('meta')) {
                throw new refusal('noplugin', 'Course meta-link enrolment is disabled on this site.');
            }
            $course = $known->course($row);
            $other = $linked->course(new row(['courseid' => $row->number('linkedid')]));
            if ($course->id == $other->id) {
                throw new refusal('failed', 'A course cannot be linked with itself.');
            }
            $instances = self::instances($row);
            $id = $instances ? reset($instances)->id : $plugin->add_instance($course, ['customint1' => $other->id]);
            return ['id' => (int)$id];
        });
    }

    /**
     * End links.
     *
     * @param array $rows
     * @return array outcomes; a link that is not there is done
     */
    public static function delete(array $rows): array {
        return rows::one_by_one($rows, function (row $row) {
            $plugin = self::plugin();
            $instances = self::instances($row);
            foreach ($instances as $instance) {
                $plugin->delete_instance($instance);
            }
            return ['id' => $instances ? (int)reset($instances)->id : null];
        });
    }

    /**
     * The courses that rows name, as courses and as linked ones.
     *
     * @param array $rows
     * @return known[]
     */
    private static function known(array $rows): array {
        $linked = array_map(function (int $id) {
            return ['courseid' => $id];
        }, known::ids($rows, 'linkedid'));
        return [new known($rows), new known($linked)];
    }

    /**
     * The instances of a link.
     *
     * @param row $row
     * @return \stdClass[]
     */
    private static function instances(row $row): array {
        global $DB;

        $key = ['enrol' => 'meta', 'courseid' => $row->number('courseid'), 'customint1' => $row->number('linkedid')];
        return $DB->get_records('enrol', $key, 'id');
    }

    /**
     * The plugin of Moodle.
     *
     * @return \enrol_plugin
     * @throws refusal
     */
    private static function plugin(): \enrol_plugin {
        global $CFG;
        require_once($CFG->libdir . '/enrollib.php');

        $plugin = enrol_get_plugin('meta');
        if (!$plugin) {
            throw new refusal('noplugin', 'Course meta-link enrolment is not installed on this site.');
        }
        return $plugin;
    }
}
