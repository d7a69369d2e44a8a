<?php
// Uploads a file and sends it, in one call.
$path = getenv('FILE');
$boundary = bin2hex(random_bytes(16));
$form = '';
foreach (['to' => getenv('TO'), 'type' => 'document', 'caption' => getenv('TEXT')] as $name => $value) {
    $form .= "--$boundary\r\nContent-Disposition: form-data; name=\"$name\"\r\n\r\n$value\r\n";
}
$form .= "--$boundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" . basename($path) . "\"\r\n\r\n";
$form .= file_get_contents($path) . "\r\n--$boundary--\r\n";

$answer = file_get_contents(
    getenv('AUZAP_URL') . '/api/whatsapp/instances/' . getenv('INSTANCE_ID') . '/send',
    false,
    stream_context_create(['http' => [
        'method' => 'POST',
        'timeout' => 120,
        'header' => [
            'Authorization: Bearer ' . getenv('AUZAP_TOKEN'),
            "Content-Type: multipart/form-data; boundary=$boundary",
            'Idempotency-Key: ' . getenv('KEY'),
        ],
        'content' => $form,
    ]]),
);
if ($answer === false) {
    exit(1);
}
echo json_decode($answer, true)['message_id'], "\n";
