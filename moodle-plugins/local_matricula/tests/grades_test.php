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

use local_matricula\external\delete_grade_items;
use local_matricula\external\save_grade_items;
use local_matricula\external\save_grades;

/**
 * Manual grade items and their grades.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class grades_test extends \advanced_testcase {
    /** @var \stdClass */
    private $course;

    /** @var \stdClass */
    private $user;

    /**
     * A course with somebody in it.
     */
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->course = $this->getDataGenerator()->create_course();
        $this->user = $this->getDataGenerator()->create_and_enrol($this->course);
    }

    /**
     * Outcomes of a call.
     *
     * @param string $class
     * @param array $rows
     * @return array
     */
    private static function outcomes(string $class, array $rows): array {
        return json_decode($class::execute(json_encode($rows))['outcomes'], true);
    }

    /**
     * The item of these tests.
     *
     * @return int its id
     */
    private function item(): int {
        $row = ['courseid' => $this->course->id, 'idnumber' => 'T1', 'name' => 'Test', 'max' => 20, 'min' => 0, 'category' => 'Tests'];
        return self::outcomes(save_grade_items::class, [$row])[0]['id'];
    }

    /**
     * An item is found again by its ID number, and deleted only if it is a manual one.
     *
     * @covers \local_matricula\grades\items
     */
    public function test_items(): void {
        $id = $this->item();
        $this->assertSame($id, $this->item());
        $item = \grade_item::fetch(['id' => $id]);
        $this->assertSame('Tests', $item->get_parent_category()->fullname);
        $course = \grade_item::fetch_course_item($this->course->id);
        $place = ['courseid' => $this->course->id];
        $outcomes = self::outcomes(delete_grade_items::class, [$place + ['id' => $id], $place + ['id' => $course->id]]);
        $this->assertSame(['id' => $id], $outcomes[0]);
        $this->assertSame('noitem', $outcomes[1]['code']);
        $this->assertFalse(\grade_item::fetch(['id' => $id]));
    }

    /**
     * Grades are written, and what must not be is refused.
     *
     * @covers \local_matricula\grades\writing
     */
    public function test_grades(): void {
        $row = ['courseid' => $this->course->id, 'itemid' => $this->item(), 'userid' => $this->user->id, 'grade' => 12.5];
        $stranger = $this->getDataGenerator()->create_user();
        $outcomes = self::outcomes(save_grades::class, [
            ['feedback' => 'Good'] + $row,
            ['grade' => 20.5] + $row,
            ['itemid' => 999999] + $row,
            ['userid' => $stranger->id] + $row,
        ]);
        $this->assertSame(12.5, $outcomes[0]['grade']);
        $this->assertSame(['beyond', 'noitem', 'notenrolled'], array_column($outcomes, 'code'));
        $grade = $this->grade($row['itemid']);
        $this->assertSame('Good', $grade->feedback);
        $this->assertTrue($grade->set_locked(1));
        $this->assertSame('locked', self::outcomes(save_grades::class, [['grade' => 1] + $row])[0]['code']);
        $this->assertTrue($grade->set_locked(0));
        $this->grade($row['itemid'])->set_overridden(true);
        $this->assertSame('overridden', self::outcomes(save_grades::class, [['grade' => 1] + $row])[0]['code']);
        $this->assertEquals(12.5, $this->grade($row['itemid'])->finalgrade);
        $this->grade($row['itemid'])->set_overridden(false);
        $this->assertNull(self::outcomes(save_grades::class, [['grade' => null] + $row])[0]['grade']);
    }

    /**
     * The user's grade as it stands; Moodle locks none of an item that is still to be worked out.
     *
     * @param int $itemid
     * @return \grade_grade
     */
    private function grade(int $itemid): \grade_grade {
        grade_regrade_final_grades($this->course->id);
        return \grade_grade::fetch(['itemid' => $itemid, 'userid' => $this->user->id]);
    }
}
