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

/**
 * Rows carried out so that a bad one costs nobody else anything.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class rows {
    /** So many rows are one transaction: far fewer waits for the disk, and locks that are not held for long. */
    private const TOGETHER = 250;

    /**
     * Carry out rows, many in one transaction where all goes well, and else one by one.
     *
     * @param array $rows
     * @param callable $act takes a {@see row} and returns what was done; refuses before it writes anything
     * @param callable|null $actonall does the same for a list of rows, where there is a quicker way than one after another
     * @return array the outcomes, one for each row in order
     */
    public static function carry_out(array $rows, callable $act, ?callable $actonall = null): array {
        $actonall = $actonall ?? function (array $chunk) use ($act) {
            return self::unless_refused($chunk, $act);
        };
        $outcomes = [];
        foreach (array_chunk($rows, self::TOGETHER) as $chunk) {
            $done = self::together($chunk, $actonall);
            if ($done === null) {
                $done = self::one_by_one($chunk, $act);
            }
            array_push($outcomes, ...$done);
        }
        return $outcomes;
    }

    /**
     * Carry out each row in a transaction of its own.
     *
     * @param array $rows
     * @param callable $act
     * @return array
     */
    public static function one_by_one(array $rows, callable $act): array {
        return self::without_transaction($rows, function (row $row) use ($act) {
            return self::in_transaction(function () use ($row, $act) {
                return $act($row);
            });
        });
    }

    /**
     * Carry out each row without a transaction, for work that clears up after itself.
     *
     * @param array $rows
     * @param callable $act
     * @return array
     */
    public static function without_transaction(array $rows, callable $act): array {
        return array_map(function ($values) use ($act) {
            try {
                return $act(new row($values));
            } catch (refusal $refusal) {
                return $refusal->outcome();
            } catch (\Throwable $failure) {
                return self::failure($failure);
            }
        }, $rows);
    }

    /**
     * Carry out rows one after another. A refusal is an outcome; whatever else goes wrong is thrown.
     *
     * @param array $rows
     * @param callable $act
     * @return array the outcomes, by the same keys
     */
    public static function unless_refused(array $rows, callable $act): array {
        return array_map(function ($values) use ($act) {
            try {
                return $act(new row($values));
            } catch (refusal $refusal) {
                return $refusal->outcome();
            }
        }, $rows);
    }

    /**
     * Carry out rows in one transaction.
     *
     * @param array $rows
     * @param callable $actonall
     * @return array|null the outcomes; null where something broke, and then nothing is written
     */
    private static function together(array $rows, callable $actonall): ?array {
        global $DB;

        if ($DB->is_transaction_started()) {
            return null; // It is not ours to roll back.
        }
        try {
            return self::in_transaction(function () use ($rows, $actonall) {
                return $actonall($rows);
            });
        } catch (\Throwable $failure) {
            debugging('local_matricula: rows are carried out one by one: ' . $failure->getMessage(), DEBUG_DEVELOPER);
            return null;
        }
    }

    /**
     * Do something in a transaction. Events wait for its end, and none is told of what was rolled back.
     *
     * @param callable $act
     * @return mixed what it returns
     */
    private static function in_transaction(callable $act) {
        global $DB;

        if ($DB->is_transaction_started()) {
            return $act();
        }
        $transaction = $DB->start_delegated_transaction();
        try {
            $done = $act();
            $transaction->allow_commit();
            return $done;
        } catch (\Throwable $failure) {
            if (!$transaction->is_disposed()) {
                $transaction->rollback($failure); // Throws it again.
            }
            throw $failure;
        }
    }

    /**
     * What the caller is told of something that broke. The site's own log has the details.
     *
     * @param \Throwable $failure
     * @return array
     */
    private static function failure(\Throwable $failure): array {
        $word = $failure instanceof \moodle_exception ? $failure->errorcode : (new \ReflectionClass($failure))->getShortName();
        debugging('local_matricula: ' . $failure->getMessage(), DEBUG_DEVELOPER, $failure->getTrace());
        return (new refusal('failed', "Moodle could not do this ({$word})."))->outcome();
    }
}
