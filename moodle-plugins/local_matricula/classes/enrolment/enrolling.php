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
 * Enrols people, and keeps their enrolments as they should be.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class enrolling {
    /** @var methods */
    private $methods;

    /** @var facts */
    private $facts;

    /** @var assignable */
    private $assignable;

    /**
     * Enrol.
     *
     * @param array $rows
     * @return array outcomes with the ids of {user_enrolments}
     */
    public static function carry_out(array $rows): array {
        $work = new self($rows);
        $work->make_instances($rows);
        $outcomes = rows::carry_out($rows, [$work, 'enrol'], [$work, 'enrol_all']);
        return $work->with_ids($rows, $outcomes);
    }

    /**
     * Get ready.
     *
     * @param array $rows
     */
    private function __construct(array $rows) {
        $this->methods = new methods();
        $this->facts = new facts($rows);
        $this->assignable = new assignable();
    }

    /**
     * Enrol one.
     *
     * @param row $row
     * @return array what {@see self::with_ids()} needs to find the id
     * @throws refusal
     */
    public function enrol(row $row): array {
        return $this->write($this->checked($row));
    }

    /**
     * Enrol some, those who are not enrolled by our own method yet all at once.
     *
     * @param array $rows
     * @return array outcomes
     */
    public function enrol_all(array $rows): array {
        $bulk = class_exists('\enrol_matricula\bulk') ? new \enrol_matricula\bulk() : null;
        $later = [];
        $outcomes = rows::unless_refused($rows, function (row $row) use ($bulk, &$later) {
            $wanted = $this->checked($row);
            $instance = $wanted->instance;
            $isnew = $instance->enrol === 'matricula' && !$this->facts->enrolment($instance, $wanted->userid);
            if (!$bulk || !$isnew || !$bulk->add($instance, $wanted->context, $wanted)) {
                $later[] = $wanted;
            }
            return ['instance' => $instance, 'userid' => $wanted->userid];
        });
        if ($bulk) {
            $bulk->write();
        }
        array_map([$this, 'write'], $later);
        return $outcomes;
    }

    /**
     * What a row says, once all that could be wrong with it is looked at.
     *
     * @param row $row
     * @return \stdClass plugin, instance, context, userid, roleid, timestart, timeend, status
     * @throws refusal
     */
    private function checked(row $row): \stdClass {
        $userid = $this->facts->user($row);
        $course = $this->facts->course($row);
        $method = $row->text('method', 'matricula');
        $plugin = $this->methods->enabled($method);
        $instance = $this->instance($method, $course);
        $context = \context_course::instance($course->id);
        $roleid = $row->id('roleid');
        if ($roleid && !$this->assignable->may($roleid, $context)) {
            throw new refusal('norole', "Role {$roleid} may not be assigned in course {$course->id} by this caller.");
        }
        if ($row->id('id') && $row->id('id') !== $this->facts->enrolment($instance, $userid)) {
            throw new refusal('other', "Enrolment {$row->id('id')} is not this user's {$method} enrolment in this course.");
        }
        $status = $row->flag('suspended') ? ENROL_USER_SUSPENDED : ENROL_USER_ACTIVE;
        [$timestart, $timeend] = [$row->number('timestart', 0), $row->number('timeend', 0)];
        if ($timeend && $timeend < $timestart) {
            throw new refusal('failed', 'The enrolment would end before it begins.');
        }
        return (object)compact('plugin', 'instance', 'context', 'userid', 'roleid', 'timestart', 'timeend', 'status');
    }

    /**
     * Enrol one, or change their enrolment, as Moodle does it.
     *
     * @param \stdClass $wanted
     * @return array
     */
    private function write(\stdClass $wanted): array {
        $wanted->plugin->enrol_user(
            $wanted->instance,
            $wanted->userid,
            $wanted->roleid ?: null,
            $wanted->timestart,
            $wanted->timeend,
            $wanted->status
        );
        return ['instance' => $wanted->instance, 'userid' => $wanted->userid];
    }

    /**
     * The instance to enrol by.
     *
     * @param string $method
     * @param \stdClass $course
     * @return \stdClass
     * @throws refusal
     */
    private function instance(string $method, \stdClass $course): \stdClass {
        $instance = $this->facts->instance($method, $course->id);
        if (!$instance) {
            throw new refusal('noinstance', "Course {$course->id} has no enrolment instance of the method {$method}.");
        }
        if ($instance->status != ENROL_INSTANCE_ENABLED) {
            throw new refusal('noinstance', "The enrolment method {$method} is disabled in course {$course->id}.");
        }
        if ($method === 'manual') {
            // Moodle's own callback sends no welcome message for an instance that says so.
            $instance = clone $instance;
            $instance->customint1 = 0;
        }
        return $instance;
    }

    /**
     * Make the instances of our own method that are missing.
     *
     * What goes wrong here is told by {@see self::enrol()} to each row concerned.
     *
     * @param array $rows
     */
    private function make_instances(array $rows): void {
        foreach ($rows as $values) {
            try {
                $row = new row($values);
                if ($row->text('method', 'matricula') === 'matricula' && $this->facts->user($row)) {
                    $this->facts->make_own_instance($this->facts->course($row)->id, $this->methods);
                }
            } catch (refusal $refusal) {
                continue;
            }
        }
    }

    /**
     * Tell the ids of the enrolments, new ones of which are read back all at once.
     *
     * @param array $rows
     * @param array $outcomes
     * @return array
     */
    private function with_ids(array $rows, array $outcomes): array {
        $this->facts->read_enrolments(facts::ids($rows, 'userid'));
        return array_map(function (array $outcome) {
            if (!isset($outcome['instance'])) {
                return $outcome;
            }
            return ['id' => $this->facts->enrolment($outcome['instance'], $outcome['userid'])];
        }, $outcomes);
    }
}
