<?php
// Sends a text once: asked again under the same key, it is answered from what is stored.
$answer = file_get_contents(
    getenv('AUZAP_URL') . '/api/whatsapp/instances/' . getenv('INSTANCE_ID') . '/send',
    false,
    stream_context_create(['http' => [
        'method' => 'POST',
        'timeout' => 60,
        'header' => [
            'Authorization: Bearer ' . getenv('AUZAP_TOKEN'),
            'Content-Type: application/json',
            'Idempotency-Key: ' . getenv('KEY'),
        ],
        'content' => json_encode(['to' => getenv('TO'), 'message' => getenv('TEXT')]),
    ]]),
);
if ($answer === false) {
    exit(1);
}
echo json_decode($answer, true)['message_id'], "\n";
