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
 * A course is brought in step: first it is shown by name what would be done, then just that is done.
 *
 * @package    block_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use block_matricula\client;
use block_matricula\course_info;
use block_matricula\output\job_state;
use block_matricula\output\preview;
use block_matricula\refusal;

require_once(__DIR__ . '/../../config.php');

$courseid = required_param('courseid', PARAM_INT);
$what = required_param('what', PARAM_ALPHA);
$act = optional_param('act', '', PARAM_ALPHA);
$job = optional_param('job', 0, PARAM_INT);

$course = get_course($courseid);
require_login($course, false);
$context = context_course::instance($course->id);
require_capability('block/matricula:synchronise', $context);
if ($course->id == SITEID || !in_array($what, ['enrolments', 'grades'], true)) {
    throw new moodle_exception('invalidparameter', 'debug');
}

$here = new moodle_url('/blocks/matricula/synchronise.php', ['courseid' => $course->id, 'what' => $what]);
$back = new moodle_url('/course/view.php', ['id' => $course->id]);
if ($job) {
    $here->param('job', $job);
}
$title = get_string('synchronise' . $what, 'block_matricula');
$PAGE->set_url($here);
$PAGE->set_pagelayout('incourse');
$PAGE->set_title($title . ': ' . format_string($course->fullname, true, ['context' => $context]));
$PAGE->set_heading(format_string($course->fullname, true, ['context' => $context]));
$PAGE->navbar->add($title);

// Whoever asks is named to Matricula, which notes it.
$said = ['courseid' => (int) $course->id, 'by' => $USER->username];
$client = new client();
$told = null;
$error = '';
try {
    if ($act !== '') {
        require_sesskey();
        if ($act === 'preview') {
            $tool = optional_param('tool', '', PARAM_ALPHANUMEXT);
            $answer = $client->ask('preview-' . $what, $said + ($tool === '' ? [] : ['tool' => $tool]), client::PATIENCE);
        } else if ($act === 'continue') {
            $words = optional_param('words', '', PARAM_TEXT);
            if ($words !== '' && !optional_param('agreed', 0, PARAM_BOOL)) {
                redirect($here, get_string('agreefirst', 'block_matricula'), null, \core\output\notification::NOTIFY_ERROR);
            }
            $field = $what === 'grades' ? 'preview' : 'plan';
            $name = $what === 'grades' ? 'continue-grades' : 'continue';
            $said += [$field => required_param($field, PARAM_INT), 'words' => $words];
            $answer = $client->ask($name, $said, client::PATIENCE);
            course_info::forget($course->id);
        } else {
            throw new moodle_exception('invalidparameter', 'debug');
        }
        redirect(new moodle_url($here, ['job' => (int) $answer['job']]));
    }
    if (!$job) {
        redirect($back);
    }
    $told = $client->ask('job', $said + ['job' => $job], client::PATIENCE);
} catch (refusal $refused) {
    $error = $refused->words();
}

if ($told !== null && job_state::under_way($told)) {
    // Without any script: the page is simply loaded anew. The meta tag of older Moodles spoils addresses with parameters.
    header('Refresh: 3; url=' . $here->out(false));
} else if ($told !== null && !empty($told['outcome'])) {
    course_info::forget($course->id);
}

$output = $PAGE->get_renderer('block_matricula');
echo $OUTPUT->header();
echo $OUTPUT->heading($title);
if ($error !== '') {
    echo $OUTPUT->notification(s($error), \core\output\notification::NOTIFY_ERROR, false);
    if ($job) {
        echo html_writer::link($here, get_string('lookagain', 'block_matricula'), ['class' => 'btn btn-secondary me-2 mr-2']);
    }
    echo html_writer::link($back, get_string('backtocourse', 'block_matricula'), ['class' => 'btn btn-secondary']);
} else if (!empty($told['preview'])) {
    echo $output->render(new preview($course->id, $what, $job, $told['preview']));
} else {
    echo $output->render(new job_state($course->id, $here, $told));
}
echo $OUTPUT->footer();
