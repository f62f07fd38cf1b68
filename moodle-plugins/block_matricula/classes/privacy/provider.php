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

namespace block_matricula\privacy;

use core_privacy\local\metadata\collection;
use core_privacy\local\request\approved_contextlist;
use core_privacy\local\request\approved_userlist;
use core_privacy\local\request\contextlist;
use core_privacy\local\request\userlist;

/**
 * What of people the block sends, and where to.
 *
 * @package    block_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class provider implements
    \core_privacy\local\metadata\provider,
    \core_privacy\local\request\core_userlist_provider,
    \core_privacy\local\request\plugin\provider {
    /**
     * What is sent to Matricula. What it answers is kept in a cache for a day at most, and in no table.
     *
     * @param collection $collection what is told already
     * @return collection
     */
    public static function get_metadata(collection $collection): collection {
        $collection->add_external_location_link('matricula', [
            'by' => 'privacy:metadata:matricula:by',
            'courseid' => 'privacy:metadata:matricula:courseid',
        ], 'privacy:metadata:matricula');
        return $collection;
    }

    /**
     * Contexts with data of somebody: none, the block keeps none.
     *
     * @param int $userid the person
     * @return contextlist
     */
    public static function get_contexts_for_userid(int $userid): contextlist {
        return new contextlist();
    }

    /**
     * People with data in a context: none.
     *
     * @param userlist $userlist the people
     */
    public static function get_users_in_context(userlist $userlist) {
    }

    /**
     * Export: there is nothing.
     *
     * @param approved_contextlist $contextlist where
     */
    public static function export_user_data(approved_contextlist $contextlist) {
    }

    /**
     * Delete: there is nothing.
     *
     * @param \context $context where
     */
    public static function delete_data_for_all_users_in_context(\context $context) {
    }

    /**
     * Delete: there is nothing.
     *
     * @param approved_contextlist $contextlist where
     */
    public static function delete_data_for_user(approved_contextlist $contextlist) {
    }

    /**
     * Delete: there is nothing.
     *
     * @param approved_userlist $userlist whose
     */
    public static function delete_data_for_users(approved_userlist $userlist) {
    }
}
