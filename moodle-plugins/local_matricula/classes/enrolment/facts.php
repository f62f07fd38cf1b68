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

use local_matricula\known;
use local_matricula\refusal;

/**
 * What is known of the enrolments and their instances of many rows, read at once instead of for each row.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class facts extends known {
    /** @var \stdClass[][] instances: method, then course id */
    private $instances = [];

    /** @var int[][] rows of {user_enrolments}: instance id, then user id */
    private $enrolments = [];

    /**
     * Read what concerns some rows.
     *
     * @param array $rows as they came; those that are no rows are skipped here and refused later
     */
    public function __construct(array $rows) {
        parent::__construct($rows);
        $this->read_instances();
        $this->read_enrolments(self::ids($rows, 'userid'));
    }

    /**
     * The instance of a method in a course.
     *
     * @param string $method
     * @param int $courseid
     * @return \stdClass|null
     */
    public function instance(string $method, int $courseid): ?\stdClass {
        return $this->instances[$method][$courseid] ?? null;
    }

    /**
     * Make the instance of our own method in a course that has none.
     *
     * This belongs outside of any transaction: other callers must see the instance.
     *
     * @param int $courseid
     * @param methods $methods
     * @throws refusal where there is no such method
     */
    public function make_own_instance(int $courseid, methods $methods): void {
        $plugin = $methods->enabled('matricula');
        if (!$this->instance('matricula', $courseid)) {
            $this->instances['matricula'][$courseid] = $plugin->instance_of($courseid);
        }
    }

    /**
     * The row of {user_enrolments} that there was of a user at the beginning.
     *
     * @param \stdClass $instance
     * @param int $userid
     * @return int|null its id
     */
    public function enrolment(\stdClass $instance, int $userid): ?int {
        return $this->enrolments[$instance->id][$userid] ?? null;
    }

    /**
     * Read which enrolments there are now.
     *
     * @param int[] $userids
     */
    public function read_enrolments(array $userids): void {
        global $DB;

        $instanceids = [];
        foreach ($this->instances as $bycourse) {
            array_push($instanceids, ...array_column($bycourse, 'id'));
        }
        if (!$instanceids || !$userids) {
            return;
        }
        [$ofinstances, $params] = $DB->get_in_or_equal($instanceids, SQL_PARAMS_NAMED, 'e');
        [$ofusers, $more] = $DB->get_in_or_equal($userids, SQL_PARAMS_NAMED, 'u');
        $found = $DB->get_recordset_select(
            'user_enrolments',
            "enrolid {$ofinstances} AND userid {$ofusers}",
            $params + $more,
            '',
            'id, enrolid, userid'
        );
        foreach ($found as $enrolment) {
            $this->enrolments[$enrolment->enrolid][$enrolment->userid] = (int)$enrolment->id;
        }
        $found->close();
    }

    /**
     * Read the instances of both methods in the courses; of several the first one counts.
     */
    private function read_instances(): void {
        global $DB;

        if (!$this->courses()) {
            return;
        }
        [$ofcourses, $params] = $DB->get_in_or_equal(array_keys($this->courses()), SQL_PARAMS_NAMED, 'c');
        [$ofmethods, $more] = $DB->get_in_or_equal(methods::NAMES, SQL_PARAMS_NAMED, 'm');
        $where = "courseid {$ofcourses} AND enrol {$ofmethods}";
        foreach ($DB->get_records_select('enrol', $where, $params + $more, 'sortorder DESC, id DESC') as $instance) {
            $this->instances[$instance->enrol][$instance->courseid] = $instance;
        }
    }
}
