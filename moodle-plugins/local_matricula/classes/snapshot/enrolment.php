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

namespace local_matricula\snapshot;

/**
 * Enrolments by whatever method, with the roles that the user has in the course.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class enrolment extends kind {
    /** The tables that enrolments are in. */
    private const TABLES = '{user_enrolments} ue JOIN {enrol} e ON e.id = ue.enrolid';

    /** Of so many users and no more, role assignments are asked for by their ids. */
    private const FEW = 1000;

    /** @var int[]|null users who do not count */
    private $nobodies = null;

    /**
     * The columns there are. Roles come from the joined role assignments, of which there may be several for a row.
     *
     * @return array
     */
    protected function columns(): array {
        return [
            'id' => ['ue.id', self::NUMBER],
            'courseid' => ['e.courseid', self::NUMBER],
            'userid' => ['ue.userid', self::NUMBER],
            'method' => ['e.enrol', self::TEXT],
            'instanceid' => ['ue.enrolid', self::NUMBER],
            'status' => ['ue.status', self::NUMBER],
            'enabled' => ['CASE WHEN e.status = 0 THEN 1 ELSE 0 END', self::NUMBER],
            'timestart' => ['ue.timestart', self::NUMBER],
            'timeend' => ['ue.timeend', self::NUMBER],
            'roles' => ['ra.roleid', self::NUMBER],
        ];
    }

    /**
     * Tables and conditions. Deleted accounts, of which hardly any are enrolled, and the guest do not count.
     *
     * @return string
     */
    protected function tables(): string {
        global $CFG, $DB;

        if ($this->nobodies === null) {
            $this->nobodies = array_map('intval', $DB->get_fieldset_sql(
                'SELECT DISTINCT u.id FROM {user} u JOIN {user_enrolments} ue ON ue.userid = u.id WHERE u.deleted = 1'
            ));
            $this->nobodies[] = (int)$CFG->siteguest;
        }
        return self::TABLES . ' WHERE ue.userid NOT IN (' . implode(',', $this->nobodies) . ')';
    }

    /**
     * What rows can be filtered by.
     *
     * @return array
     */
    protected function filters(): array {
        return [
            'courseid' => ['e.courseid', self::NUMBER],
            'userid' => ['ue.userid', self::NUMBER],
        ] + parent::filters();
    }

    /**
     * Run the queries of a page: the enrolments, and where roles are wanted the role assignments.
     *
     * @param array $columns
     * @param string $where
     * @param array $params
     * @param int $limit
     * @return page
     */
    protected function read(array $columns, string $where, array $params, int $limit): page {
        if (!isset($columns['roles'])) {
            return parent::read($columns, $where, $params, $limit);
        }
        $all = $this->columns();
        $needed = ['courseid' => $all['courseid'], 'userid' => $all['userid']];
        $page = parent::read(array_diff_key($columns, ['roles' => 0]) + $needed, $where, $params, $limit);
        if ($page->count) {
            $iswhole = !$params['after'] && !$page->next;
            $roles = $iswhole ? $this->roles_of_whole($page) : $this->roles_of_page($page, $where, $params);
        }
        $page->columns['roles'] = $roles ?? [];
        $page->columns = array_intersect_key($page->columns, $columns);
        return $page;
    }

    /**
     * The roles of a page that is all there is, read by courses: far quicker than by enrolments.
     *
     * @param page $page
     * @return string[]
     */
    private function roles_of_whole(page $page): array {
        global $DB;

        $userids = array_unique($page->columns['userid']);
        $ofusers = count($userids) > self::FEW ? '' : ' AND ra.userid IN (' . implode(',', $userids) . ')';
        $ofcourses = ' AND ctx.instanceid IN (' . implode(',', array_unique($page->columns['courseid'])) . ')';
        $found = $DB->get_recordset_sql(
            'SELECT ra.id, ctx.instanceid, ra.userid, ra.roleid
               FROM {role_assignments} ra
               JOIN {context} ctx ON ctx.id = ra.contextid
              WHERE ctx.contextlevel = ' . CONTEXT_COURSE . $ofcourses . $ofusers
        );
        $roles = [];
        foreach ($found as $role) {
            $roles[$role->instanceid][$role->userid][$role->roleid] = (int)$role->roleid;
        }
        $found->close();
        return array_map(function (int $courseid, int $userid) use ($roles) {
            return self::joined($roles[$courseid][$userid] ?? []);
        }, $page->columns['courseid'], $page->columns['userid']);
    }

    /**
     * The roles of one page of several, read by its enrolments: courses have many more.
     *
     * @param page $page
     * @param string $where that the page was read by
     * @param array $params
     * @return string[]
     */
    private function roles_of_page(page $page, string $where, array $params): array {
        global $DB;

        $roles = array_fill(0, $page->count, []);
        $places = array_flip($page->columns['id']);
        $found = $DB->get_recordset_sql(
            'SELECT ra.id, ue.id AS enrolment, ra.roleid
               FROM ' . self::TABLES . '
               JOIN {context} ctx ON ctx.instanceid = e.courseid AND ctx.contextlevel = ' . CONTEXT_COURSE . "
               JOIN {role_assignments} ra ON ra.contextid = ctx.id AND ra.userid = ue.userid
              WHERE {$where} AND ue.id <= :last",
            $params + ['last' => end($page->columns['id'])]
        );
        foreach ($found as $role) {
            if (isset($places[$role->enrolment])) {
                $roles[$places[$role->enrolment]][$role->roleid] = (int)$role->roleid;
            }
        }
        $found->close();
        return array_map([self::class, 'joined'], $roles);
    }

    /**
     * Role ids as the column has them.
     *
     * @param int[] $ids
     * @return string
     */
    private static function joined(array $ids): string {
        sort($ids);
        return implode(',', $ids);
    }
}
