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
use local_matricula\row;
use local_matricula\rows;

/**
 * Makes manual enrolments enrolments by our own method, in place: nothing of what hangs on them changes.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class moving {
    /** @var methods */
    private $methods;

    /** @var facts */
    private $facts;

    /** @var int[][] how many grades somebody has: course id, then user id */
    private $grades;

    /**
     * Move, or tell what would be moved.
     *
     * @param array $rows
     * @param bool $preview
     * @return array outcomes with the id of the enrolment, the method it was by, and how many grades the user has there
     */
    public static function carry_out(array $rows, bool $preview): array {
        $work = new self($rows);
        if ($preview) {
            return rows::one_by_one($rows, [$work, 'look']);
        }
        $work->make_instances($rows);
        return rows::carry_out($rows, [$work, 'move']);
    }

    /**
     * Get ready.
     *
     * @param array $rows
     */
    private function __construct(array $rows) {
        $this->methods = new methods();
        $this->facts = new facts($rows);
        $this->grades = self::count_grades(facts::ids($rows, 'courseid'), facts::ids($rows, 'userid'));
    }

    /**
     * Tell what there is of one.
     *
     * @param row $row
     * @return array
     * @throws refusal
     */
    public function look(row $row): array {
        $this->methods->enabled('matricula');
        $userid = $this->facts->user($row);
        $courseid = $this->facts->course($row)->id;
        foreach (methods::NAMES as $method) {
            $instance = $this->facts->instance($method, $courseid);
            if ($instance && ($id = $this->facts->enrolment($instance, $userid))) {
                return ['id' => $id, 'from' => $method, 'grades' => $this->grades[$courseid][$userid] ?? 0];
            }
        }
        throw new refusal('notmanual', "User {$userid} has no manual enrolment in course {$courseid}.");
    }

    /**
     * Move one.
     *
     * @param row $row
     * @return array
     * @throws refusal
     */
    public function move(row $row): array {
        $found = $this->look($row);
        if ($found['from'] === 'manual') {
            $this->relabel($found['id'], $row->number('courseid'), $row->number('userid'));
        }
        return $found;
    }

    /**
     * Give an enrolment to our own instance, and with it the roles that were given by hand.
     *
     * @param int $id of the row of {user_enrolments}
     * @param int $courseid
     * @param int $userid
     * @throws refusal
     */
    private function relabel(int $id, int $courseid, int $userid): void {
        global $DB, $USER;

        $instance = $this->facts->instance('matricula', $courseid);
        if (!$instance || $instance->status != ENROL_INSTANCE_ENABLED) {
            throw new refusal('noinstance', "The enrolment method matricula is disabled in course {$courseid}.");
        }
        $context = \context_course::instance($courseid);
        $mark = ['modifierid' => $USER->id, 'timemodified' => time()];
        $DB->update_record('user_enrolments', ['id' => $id, 'enrolid' => $instance->id] + $mark);
        $byhand = ['userid' => $userid, 'contextid' => $context->id, 'component' => '', 'itemid' => 0];
        $own = ['component' => 'enrol_matricula', 'itemid' => $instance->id];
        foreach ($DB->get_records('role_assignments', $byhand) as $assignment) {
            if ($DB->record_exists('role_assignments', $own + $byhand + ['roleid' => $assignment->roleid])) {
                $DB->delete_records('role_assignments', ['id' => $assignment->id]);
            } else {
                $DB->update_record('role_assignments', ['id' => $assignment->id] + $own + $mark);
            }
        }
        mark_user_dirty($userid);
        \core\event\user_enrolment_updated::create([
            'objectid' => $id,
            'courseid' => $courseid,
            'context' => $context,
            'relateduserid' => $userid,
            'other' => ['enrol' => 'matricula'],
        ])->trigger();
    }

    /**
     * Make our own instance in the courses that somebody is to be moved in.
     *
     * What goes wrong here is told by {@see self::move()} to each row concerned.
     *
     * @param array $rows
     */
    private function make_instances(array $rows): void {
        foreach ($rows as $values) {
            try {
                $row = new row($values);
                if ($this->look($row)['from'] === 'manual') {
                    $this->facts->make_own_instance($row->number('courseid'), $this->methods);
                }
            } catch (refusal $refusal) {
                continue;
            }
        }
    }

    /**
     * How many grades people have in courses.
     *
     * @param int[] $courseids
     * @param int[] $userids
     * @return int[][] course id, then user id
     */
    private static function count_grades(array $courseids, array $userids): array {
        global $DB;

        if (!$courseids || !$userids) {
            return [];
        }
        [$ofcourses, $params] = $DB->get_in_or_equal($courseids, SQL_PARAMS_NAMED, 'c');
        [$ofusers, $more] = $DB->get_in_or_equal($userids, SQL_PARAMS_NAMED, 'u');
        $found = $DB->get_recordset_sql(
            "SELECT i.courseid, g.userid, COUNT(g.id) AS grades
               FROM {grade_grades} g
               JOIN {grade_items} i ON i.id = g.itemid
              WHERE i.courseid {$ofcourses} AND g.userid {$ofusers} AND g.finalgrade IS NOT NULL AND i.itemtype IN ('mod', 'manual')
           GROUP BY i.courseid, g.userid",
            $params + $more
        );
        $grades = [];
        foreach ($found as $one) {
            $grades[$one->courseid][$one->userid] = (int)$one->grades;
        }
        $found->close();
        return $grades;
    }
}
