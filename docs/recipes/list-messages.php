<?php
// Goes through a conversation, the newest first, page after page.
$query = ['contact_id' => getenv('CONTACT_ID'), 'limit' => 2];
do {
    $answer = file_get_contents(
        getenv('AUZAP_URL') . '/api/messages?' . http_build_query($query),
        false,
        stream_context_create(['http' => [
            'timeout' => 60,
            'header' => 'Authorization: Bearer ' . getenv('AUZAP_TOKEN'),
        ]]),
    );
    if ($answer === false) {
        exit(1);
    }
    $page = json_decode($answer, true);
    foreach ($page['messages'] as $message) {
        echo $message['direction'], ' ', $message['content'], "\n";
    }
    $query['cursor'] = $page['next_cursor'];
} while ($query['cursor'] !== null);
