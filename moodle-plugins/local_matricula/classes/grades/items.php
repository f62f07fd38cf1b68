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
 * Makes, changes and deletes manual grade items: those that no activity has.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class items {
    /** What histories of grades name as the source. */
    public const SOURCE = 'local_matricula';

    /** @var known */
    private $known;

    /**
     * Make and change items.
     *
     * @param array $rows
     * @return array outcomes with the ids of the items
     */
    public static function save(array $rows): array {
        return rows::one_by_one($rows, [new self($rows), 'save_one']);
    }

    /**
     * Delete items.
     *
     * @param array $rows
     * @return array outcomes with the ids that the items had
     */
    public static function delete(array $rows): array {
        return rows::one_by_one($rows, [new self($rows), 'delete_one']);
    }

    /**
     * Get ready.
     *
     * @param array $rows
     */
    private function __construct(array $rows) {
        $this->known = new known($rows);
    }

    /**
     * Make or change one item.
     *
     * @param row $row
     * @return array
     * @throws refusal
     */
    public function save_one(row $row): array {
        $courseid = (int)$this->known->course($row)->id;
        [$max, $min] = [$row->decimal('max') ?? 100.0, $row->decimal('min') ?? 0.0];
        if ($max <= $min) {
            throw new refusal('failed', 'The greatest grade must be more than the least.');
        }
        $item = self::find($row, $courseid);
        $idnumber = $row->text('idnumber');
        if (!grade_verify_idnumber($idnumber, $courseid, $item)) {
            throw new refusal('taken', "Something else in course {$courseid} has the ID number “{$idnumber}”.");
        }
        $isnew = !$item;
        $item = $item ?? new \grade_item(['courseid' => $courseid, 'itemtype' => 'manual', 'gradetype' => GRADE_TYPE_VALUE], false);
        $item->itemname = $row->text('name');
        $item->idnumber = $idnumber;
        [$item->grademax, $item->grademin] = [$max, $min];
        $category = self::category($row, $courseid);
        if ($isnew) {
            $item->categoryid = $category->id ?? \grade_category::fetch_course_category($courseid)->id;
            $item->insert(self::SOURCE);
        } else {
            $item->update(self::SOURCE);
            if ($category && $item->categoryid != $category->id) {
                $item->set_parent($category->id);
            }
        }
        if ($row->has('hidden')) {
            self::hide($item, $row->flag('hidden'));
        }
        return ['id' => (int)$item->id];
    }

    /**
     * Delete one item with its grades.
     *
     * @param row $row
     * @return array
     * @throws refusal
     */
    public function delete_one(row $row): array {
        $item = \grade_item::fetch(['id' => $row->number('id'), 'courseid' => $row->number('courseid')]);
        if (!$item) {
            return ['id' => null];
        }
        if ($item->itemtype !== 'manual') {
            throw new refusal('noitem', "Grade item {$item->id} is no manual one.");
        }
        $item->delete(self::SOURCE);
        return ['id' => (int)$item->id];
    }

    /**
     * The item that a row means: by id, else by ID number among manual items.
     *
     * @param row $row
     * @param int $courseid
     * @return \grade_item|null
     * @throws refusal
     */
    private static function find(row $row, int $courseid): ?\grade_item {
        $among = ['courseid' => $courseid, 'itemtype' => 'manual'];
        if ($row->id('id')) {
            $found = \grade_item::fetch($among + ['id' => $row->id('id')]);
            if (!$found) {
                throw new refusal('noitem', "Course {$courseid} has no manual grade item {$row->id('id')}.");
            }
            return $found;
        }
        if ($row->text('idnumber') === '') {
            return null;
        }
        $found = \grade_item::fetch_all($among + ['idnumber' => $row->text('idnumber')]);
        return $found ? reset($found) : null;
    }

    /**
     * The category that a row means, made under the course's own where there is none of that name.
     *
     * @param row $row
     * @param int $courseid
     * @return \grade_category|null none where the row says nothing of a category
     */
    private static function category(row $row, int $courseid): ?\grade_category {
        if (!$row->has('category')) {
            return null;
        }
        $top = \grade_category::fetch_course_category($courseid);
        $name = $row->text('category');
        if ($name === '') {
            return $top;
        }
        $found = \grade_category::fetch_all(['courseid' => $courseid, 'fullname' => $name]);
        if ($found) {
            return reset($found);
        }
        $category = new \grade_category(['courseid' => $courseid, 'fullname' => $name, 'parent' => $top->id], false);
        $category->insert(self::SOURCE);
        return $category;
    }

    /**
     * Hide or show an item, where it is otherwise.
     *
     * @param \grade_item $item
     * @param bool $hidden
     */
    private static function hide(\grade_item $item, bool $hidden): void {
        if ((bool)$item->hidden !== $hidden) {
            $item->set_hidden((int)$hidden);
        }
    }
}
