#!/usr/bin/env bash
# Goes through a conversation, the newest first, page after page.
set -euo pipefail

cursor=""
while true; do
  page=$(curl --silent --show-error --fail-with-body --get "$AUZAP_URL/api/messages" \
    -H "Authorization: Bearer $AUZAP_TOKEN" \
    -d limit=2 -d "contact_id=$CONTACT_ID" ${cursor:+--data-urlencode "cursor=$cursor"})
  jq -r '.messages[] | "\(.direction) \(.content)"' <<< "$page"
  cursor=$(jq -r '.next_cursor // empty' <<< "$page")
  [ -n "$cursor" ] || break
done
