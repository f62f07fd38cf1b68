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

namespace local_matricula\grades;

use local_matricula\known;
use local_matricula\refusal;
use local_matricula\row;
use local_matricula\rows;

defined('MOODLE_INTERNAL') || die();

global $CFG;
require_once($CFG->libdir . '/gradelib.php');

/**
 * Writes grades into manual grade items, never over what a teacher has locked or overridden.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class writing {
    /** @var known */
    private $known;

    /** @var bool[][] who is enrolled: course id, then user id */
    private $enrolled;

    /** @var (\grade_item|null)[] manual items of the rows, by id; null for none */
    private $items = [];

    /**
     * Write grades.
     *
     * @param array $rows
     * @return array outcomes with the ids of {grade_grades} and the grades as they stand
     */
    public static function carry_out(array $rows): array {
        return rows::carry_out($rows, [new self($rows), 'write']);
    }

    /**
     * Get ready.
     *
     * @param array $rows
     */
    private function __construct(array $rows) {
        $this->known = new known($rows);
        $this->enrolled = self::read_enrolled(known::ids($rows, 'courseid'), known::ids($rows, 'userid'));
    }

    /**
     * Write one grade.
     *
     * @param row $row
     * @return array
     * @throws refusal
     */
    public function write(row $row): array {
        $userid = $this->known->user($row);
        $courseid = (int)$this->known->course($row)->id;
        $item = $this->item($row->number('itemid'), $courseid);
        if (!isset($this->enrolled[$courseid][$userid])) {
            throw new refusal('notenrolled', "User {$userid} is not enrolled in course {$courseid}.");
        }
        $grade = $row->decimal('grade');
        $feedback = $row->has('feedback') ? $row->text('feedback') : false;
        $there = \grade_grade::fetch(['itemid' => $item->id, 'userid' => $userid]) ?: null;
        self::check($item, $there, $grade);
        if (!$there && $grade === null && $feedback === false) {
            return ['id' => null, 'grade' => null]; // Nothing is to be taken away.
        }
        if (!$item->update_final_grade($userid, $grade, items::SOURCE, $feedback, FORMAT_PLAIN)) {
            throw new refusal('failed', 'Moodle did not take this grade.');
        }
        $now = \grade_grade::fetch(['itemid' => $item->id, 'userid' => $userid]);
        return ['id' => (int)$now->id, 'grade' => $now->finalgrade === null ? null : (float)$now->finalgrade];
    }

    /**
     * Refuse what must not be written.
     *
     * @param \grade_item $item
     * @param \grade_grade|null $there the grade there is
     * @param float|null $grade the one to be written
     * @throws refusal
     */
    private static function check(\grade_item $item, ?\grade_grade $there, ?float $grade): void {
        if ($item->is_locked() || ($there && $there->is_locked())) {
            throw new refusal('locked', "The grade, or grade item {$item->id}, is locked.");
        }
        if ($there && $there->is_overridden()) {
            throw new refusal('overridden', 'Somebody has overridden this grade in the gradebook.');
        }
        if ($grade !== null && grade_floats_different($item->bounded_grade($grade), $grade)) {
            $bounds = (float)$item->grademin . ' to ' . (float)$item->grademax;
            throw new refusal('beyond', "The grade lies outside of what grade item {$item->id} takes ({$bounds}).");
        }
    }

    /**
     * A manual grade item of a course.
     *
     * @param int $id
     * @param int $courseid
     * @return \grade_item
     * @throws refusal
     */
    private function item(int $id, int $courseid): \grade_item {
        if (!array_key_exists($id, $this->items)) {
            $this->items[$id] = \grade_item::fetch(['id' => $id, 'itemtype' => 'manual']) ?: null;
        }
        if (!$this->items[$id] || (int)$this->items[$id]->courseid !== $courseid) {
            throw new refusal('noitem', "Course {$courseid} has no manual grade item {$id}.");
        }
        return $this->items[$id];
    }

    /**
     * Who is enrolled in courses, by whatever method and however.
     *
     * @param int[] $courseids
     * @param int[] $userids
     * @return bool[][] course id, then user id
     */
    private static function read_enrolled(array $courseids, array $userids): array {
        global $DB;

        if (!$courseids || !$userids) {
            return [];
        }
        [$ofcourses, $params] = $DB->get_in_or_equal($courseids, SQL_PARAMS_NAMED, 'c');
        [$ofusers, $more] = $DB->get_in_or_equal($userids, SQL_PARAMS_NAMED, 'u');
        $found = $DB->get_recordset_sql(
            "SELECT ue.id, e.courseid, ue.userid
               FROM {user_enrolments} ue
               JOIN {enrol} e ON e.id = ue.enrolid
              WHERE e.courseid {$ofcourses} AND ue.userid {$ofusers}",
            $params + $more
        );
        $enrolled = [];
        foreach ($found as $one) {
            $enrolled[$one->courseid][$one->userid] = true;
        }
        $found->close();
        return $enrolled;
    }
}
