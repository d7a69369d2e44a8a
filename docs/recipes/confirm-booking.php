<?php
// Confirms a booking as it was read: 412 where somebody else changed it meanwhile.
$url = getenv('AUZAP_URL') . '/api/bookings/' . getenv('BOOKING_ID');
$authorization = 'Authorization: Bearer ' . getenv('AUZAP_TOKEN');

$context = stream_context_create(['http' => ['timeout' => 60, 'header' => $authorization]]);
$etag = array_change_key_case(get_headers($url, true, $context))['etag'];

$answer = file_get_contents($url, false, stream_context_create(['http' => [
    'method' => 'PATCH',
    'timeout' => 60,
    'header' => [$authorization, 'Content-Type: application/json', "If-Match: $etag"],
    'content' => json_encode(['status' => 'confirmed', 'title' => 'Haircut']),
]]));
if ($answer === false) {
    exit(1);
}
echo json_decode($answer, true)['booking']['status'], "\n";
