<?php
// Receives webhooks: checks the signature, answers soon, and does each event once.
// A page of your web server; to try it: php -S 127.0.0.1:8080 receive-webhook.php
function isSigned(string $body): bool
{
    $id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
    $timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '0';
    $secret = base64_decode(str_replace('whsec_', '', getenv('WEBHOOK_SECRET')));
    $wanted = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $secret, true));
    $isFresh = abs(time() - (int) $timestamp) < 300;
    // There are two while a secret is rotated.
    foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $signature) {
        if ($isFresh && hash_equals($wanted, $signature)) {
            return true;
        }
    }
    return false;
}

// The text as it came: what is parsed and printed again has another signature.
$body = file_get_contents('php://input');
if (!isSigned($body)) {
    http_response_code(400);
    exit('not signed by this secret');
}
// Deliveries come at least once: who makes the file first, does it. A real receiver keeps the ids in its database.
$mark = @fopen(getenv('DONE_FOLDER') . '/' . hash('sha256', $_SERVER['HTTP_WEBHOOK_ID']), 'x');
if ($mark) {
    $data = json_decode($body, true)['data'];
    file_put_contents('php://stdout', $data['from'] . ' ' . $data['text'] . "\n");
}
http_response_code(204);
