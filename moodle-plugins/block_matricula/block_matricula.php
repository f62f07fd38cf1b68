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

/**
 * The block: how a course stands with Matricula, and the way to bring it in step.
 *
 * @package    block_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

/**
 * The block.
 *
 * @package    block_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class block_matricula extends block_base {
    /**
     * Set the title.
     */
    public function init() {
        $this->title = get_string('pluginname', 'block_matricula');
    }

    /**
     * Where it may stand: in courses.
     *
     * @return array
     */
    public function applicable_formats() {
        return ['course-view' => true, 'site' => false, 'mod' => false, 'my' => false];
    }

    /**
     * Once in a course.
     *
     * @return bool
     */
    public function instance_allow_multiple() {
        return false;
    }

    /**
     * There is nothing to be set in it.
     *
     * @return bool
     */
    public function has_config() {
        return false;
    }

    /**
     * What it shows; nothing to whoever may not see it.
     *
     * @return stdClass
     */
    public function get_content() {
        if ($this->content !== null) {
            return $this->content;
        }
        $this->content = (object) ['text' => '', 'footer' => ''];
        $course = $this->page->course;
        $context = context_course::instance($course->id);
        if ($course->id == SITEID || !has_capability('block/matricula:view', $context)) {
            return $this->content;
        }
        $info = \block_matricula\course_info::of($course->id);
        $may = has_capability('block/matricula:synchronise', $context);
        $shown = new \block_matricula\output\course_block($course->id, $info, $may);
        $this->content->text = $this->page->get_renderer('block_matricula')->render($shown);
        return $this->content;
    }
}
