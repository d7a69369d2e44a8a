<?php
// Receives events as server-sent events, and goes on where it was when the line was lost, or when it is started again.
while (true) {
    $after = (int) @file_get_contents(getenv('CURSOR_FILE'));
    $stream = @fopen(getenv('AUZAP_URL') . '/api/events/stream', 'r', false, stream_context_create(['http' => [
        // Comments come every 15 s: who hears nothing for longer has lost the line.
        'timeout' => 60,
        // Of 1.1 PHP would hold back what comes until it has 8 kB.
        'protocol_version' => 1.0,
        'header' => ['Authorization: Bearer ' . getenv('AUZAP_TOKEN'), "Last-Event-ID: $after"],
    ]]));
    $id = '';
    while ($stream && ($line = fgets($stream)) !== false) {
        [$field, $value] = explode(': ', rtrim($line, "\n"), 2) + [1 => ''];
        if ($field === 'id') {
            $id = $value;
        } elseif ($field === 'data') {
            $event = json_decode($value, true);
            // Of a person who was erased only the place in the list is left.
            if (($event['name'] ?? '') === 'whatsapp:message' && !isset($event['payload']['erased'])) {
                echo $event['payload']['from'], ' ', $event['payload']['text'], "\n";
            }
            file_put_contents(getenv('CURSOR_FILE'), $id);
        }
    }
    sleep(1);
}
