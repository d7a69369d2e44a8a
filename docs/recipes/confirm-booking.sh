#!/usr/bin/env bash
# Confirms a booking as it was read: 412 where somebody else changed it meanwhile.
set -euo pipefail

etag=$(curl --silent --show-error --fail --output /dev/null --write-out '%header{etag}' \
  "$AUZAP_URL/api/bookings/$BOOKING_ID" -H "Authorization: Bearer $AUZAP_TOKEN")

curl --silent --show-error --fail-with-body -X PATCH "$AUZAP_URL/api/bookings/$BOOKING_ID" \
  -H "Authorization: Bearer $AUZAP_TOKEN" \
  -H "Content-Type: application/json" \
  -H "If-Match: $etag" \
  -d '{"status": "confirmed", "title": "Haircut"}' | jq -r .booking.status
