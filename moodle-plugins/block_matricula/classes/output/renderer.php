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

namespace block_matricula\output;

/**
 * Renders the block and its page.
 *
 * @package    block_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class renderer extends \plugin_renderer_base {
    /**
     * What the block shows.
     *
     * @param course_block $shown what is shown
     * @return string
     */
    protected function render_course_block(course_block $shown): string {
        return $this->render_from_template('block_matricula/course_block', $shown->export_for_template($this));
    }

    /**
     * What would be done, with the way on.
     *
     * @param preview $shown what is shown
     * @return string
     */
    protected function render_preview(preview $shown): string {
        return $this->render_from_template('block_matricula/preview', $shown->export_for_template($this));
    }

    /**
     * How a job stands, or what came of it.
     *
     * @param job_state $shown what is shown
     * @return string
     */
    protected function render_job_state(job_state $shown): string {
        return $this->render_from_template('block_matricula/job_state', $shown->export_for_template($this));
    }
}
