<?php
// Stands in for Moodle's JWT library where there is no Moodle: signature and times of HS256, and nothing else.
// This file is part of the tests of auth_matricula.
//
// This program is free software: you can redistribute it and/or modify
// it under the terms of the GNU General Public License as published by
// the Free Software Foundation, either version 3 of the License, or
// (at your option) any later version.

namespace Firebase\JWT;

class SignatureInvalidException extends \UnexpectedValueException {
}
class ExpiredException extends \UnexpectedValueException {
}
class BeforeValidException extends \UnexpectedValueException {
}

class Key {
    public function __construct(public string $secret, public string $algorithm) {
    }
}

class JWT {
    public static $leeway = 0;
    public static $timestamp = null;

    public static function decode(string $jwt, Key $key): \stdClass {
        [$header, $claims, $signature] = explode('.', $jwt);
        $made = hash_hmac('sha256', "$header.$claims", $key->secret, true);
        if (!hash_equals($made, self::bytes($signature))) {
            throw new SignatureInvalidException('Signature verification failed');
        }
        $read = json_decode(self::bytes($claims));
        if (!$read instanceof \stdClass) {
            throw new \UnexpectedValueException('Payload must be a JSON object');
        }
        if (isset($read->nbf) && floor($read->nbf) > self::$timestamp + self::$leeway) {
            throw new BeforeValidException('Cannot handle token');
        }
        if (isset($read->exp) && self::$timestamp - self::$leeway >= $read->exp) {
            throw new ExpiredException('Expired token');
        }
        return $read;
    }

    private static function bytes(string $text): string {
        return (string) base64_decode(strtr($text, '-_', '+/'));
    }
}
