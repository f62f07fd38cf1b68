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

use local_matricula\refusal;
use local_matricula\row;
use local_matricula\rows;

defined('MOODLE_INTERNAL') || die();

global $CFG;
require_once($CFG->dirroot . '/course/lib.php');
require_once($CFG->dirroot . '/backup/util/includes/backup_includes.php');
require_once($CFG->dirroot . '/backup/util/includes/restore_includes.php');

/**
 * Makes courses as copies of templates, without users. A template is backed up once for all its copies.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class copying {
    /** @var \stored_file[] backups of templates, by course id */
    private $backups = [];

    /**
     * Copy courses. None of it can be one transaction: backups and restores have tables and files of their own.
     *
     * @param array $rows
     * @return array outcomes with the ids of the new courses
     */
    public static function carry_out(array $rows): array {
        $work = new self();
        try {
            return rows::without_transaction($rows, [$work, 'copy']);
        } finally {
            foreach ($work->backups as $file) {
                $file->delete();
            }
        }
    }

    /**
     * Make one copy.
     *
     * @param row $row
     * @return array
     * @throws refusal
     */
    public function copy(row $row): array {
        $fields = fields::of_row($row, 'customfields');
        $this->check($row);
        $backup = $this->backup($row->number('templateid'));
        [$fullname, $shortname] = [$row->text('fullname'), $row->text('shortname')];
        $courseid = \restore_dbops::create_new_course($fullname, $shortname, $row->number('categoryid'));
        try {
            self::restore($backup, $courseid, $row->number('startdate', 0));
            update_course((object)(self::settings($row, $courseid) + $fields->properties($courseid)));
        } catch (\Throwable $failure) {
            delete_course($courseid, false); // Half a course is of no use to anybody.
            throw $failure;
        }
        return ['id' => $courseid];
    }

    /**
     * Refuse what cannot be made.
     *
     * @param row $row
     * @throws refusal
     */
    private function check(row $row): void {
        global $DB;

        $templateid = $row->number('templateid');
        if ($templateid == SITEID || !$DB->record_exists('course', ['id' => $templateid])) {
            throw new refusal('nocourse', "There is no course {$templateid} to copy.");
        }
        if (!$DB->record_exists('course_categories', ['id' => $row->number('categoryid')])) {
            throw new refusal('nocategory', "There is no category {$row->number('categoryid')}.");
        }
        if ($row->text('shortname') === '' || $row->text('fullname') === '') {
            throw new refusal('failed', 'A course needs a full name and a short name.');
        }
        foreach (['shortname', 'idnumber'] as $name) {
            if ($row->text($name) !== '' && $DB->record_exists('course', [$name => $row->text($name)])) {
                throw new refusal('taken', "Another course has this {$name}.");
            }
        }
    }

    /**
     * What a row says of the course beside its names.
     *
     * @param row $row
     * @param int $courseid
     * @return array
     */
    private static function settings(row $row, int $courseid): array {
        $settings = ['id' => $courseid, 'fullname' => $row->text('fullname'), 'shortname' => $row->text('shortname')];
        foreach (['idnumber', 'summary'] as $name) {
            if ($row->has($name)) {
                $settings[$name] = $row->text($name);
            }
        }
        foreach (['visible', 'startdate', 'enddate'] as $name) {
            if ($row->has($name)) {
                $settings[$name] = $row->number($name);
            }
        }
        // An ID number belongs to one course, so none comes from the template. Restored courses may be hidden.
        return $settings + ['idnumber' => '', 'visible' => 1];
    }

    /**
     * The backup of a template, without users.
     *
     * @param int $courseid
     * @return \stored_file
     */
    private function backup(int $courseid): \stored_file {
        global $USER;

        if (!isset($this->backups[$courseid])) {
            $controller = new \backup_controller(
                \backup::TYPE_1COURSE,
                $courseid,
                \backup::FORMAT_MOODLE,
                \backup::INTERACTIVE_NO,
                \backup::MODE_SAMESITE,
                $USER->id
            );
            $controller->get_plan()->get_setting('users')->set_value(0);
            $controller->get_plan()->get_setting('role_assignments')->set_value(0);
            $controller->execute_plan();
            $this->backups[$courseid] = $controller->get_results()['backup_destination'];
            $controller->destroy();
        }
        return $this->backups[$courseid];
    }

    /**
     * Restore a backup into a new course. Dates of activities move with the start of the course.
     *
     * @param \stored_file $backup
     * @param int $courseid
     * @param int $startdate 0 to leave dates as they are
     */
    private static function restore(\stored_file $backup, int $courseid, int $startdate): void {
        global $USER;

        $folder = \restore_controller::get_tempdir_name($courseid, $USER->id);
        $backup->extract_to_pathname(get_file_packer('application/vnd.moodle.backup'), make_backup_temp_directory($folder));
        $controller = new \restore_controller(
            $folder,
            $courseid,
            \backup::INTERACTIVE_NO,
            \backup::MODE_SAMESITE,
            $USER->id,
            \backup::TARGET_NEW_COURSE
        );
        $controller->execute_precheck();
        if ($startdate && $controller->get_plan()->setting_exists('course_startdate')) {
            $controller->get_plan()->get_setting('course_startdate')->set_value($startdate);
        }
        $controller->execute_plan();
        $controller->destroy();
        fulldelete(make_backup_temp_directory($folder));
    }
}
