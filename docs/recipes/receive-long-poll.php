<?php
// Receives events by polls that wait, and goes on where it was when it is started again.
$after = (int) @file_get_contents(getenv('CURSOR_FILE'));
$context = stream_context_create(['http' => [
    'timeout' => 90,
    'header' => 'Authorization: Bearer ' . getenv('AUZAP_TOKEN'),
    'ignore_errors' => true,
]]);
while (true) {
    $answer = @file_get_contents(getenv('AUZAP_URL') . "/api/events?after=$after&wait=60", false, $context);
    $page = json_decode((string) $answer, true);
    if (!isset($page['events'])) {
        // It is away for a moment, or says what is wrong.
        fwrite(STDERR, ($page['error'] ?? 'no answer') . "\n");
        sleep(1);
        continue;
    }
    foreach ($page['events'] as $event) {
        // Of a person who was erased only the place in the list is left.
        if ($event['name'] === 'whatsapp:message' && !isset($event['payload']['erased'])) {
            echo $event['payload']['from'], ' ', $event['payload']['text'], "\n";
        }
    }
    $after = $page['last_sequence'];
    file_put_contents(getenv('CURSOR_FILE'), $after);
}
