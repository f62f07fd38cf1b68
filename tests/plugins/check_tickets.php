<?php
// Checks tickets with the plugin's own class, outside of Moodle; cases come and verdicts go as JSON.
// This file is part of the tests of auth_matricula.
//
// This program is free software: you can redistribute it and/or modify
// it under the terms of the GNU General Public License as published by
// the Free Software Foundation, either version 3 of the License, or
// (at your option) any later version.

[, $plugin, $library] = $argv + [2 => ''];
if ($library !== '') {
    foreach (['JWTExceptionWithPayloadInterface', 'BeforeValidException', 'ExpiredException',
            'SignatureInvalidException', 'Key', 'JWT'] as $name) {
        if (is_file("$library/$name.php")) {
            require("$library/$name.php");
        }
    }
} else {
    require(__DIR__ . '/jwt_stub.php');
}
require("$plugin/classes/refusal.php");
require("$plugin/classes/ticket.php");

$verdicts = [];
foreach (json_decode(stream_get_contents(STDIN), true) as $case) {
    try {
        $read = \auth_matricula\ticket::read($case['ticket'], $case['settings'], $case['act'], $case['now']);
        $verdicts[] = ['userid' => $read->userid, 'username' => $read->username, 'to' => $read->to,
            'back' => $read->back, 'admin' => $read->admin, 'digest' => $read->digest, 'until' => $read->until];
    } catch (\auth_matricula\refusal $refusal) {
        $verdicts[] = ['refused' => $refusal->reason];
    }
}
echo json_encode($verdicts);
