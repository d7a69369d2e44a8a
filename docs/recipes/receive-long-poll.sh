#!/usr/bin/env bash
# Receives events by polls that wait, and goes on where it was when it is started again.
set -euo pipefail

after=$(cat "$CURSOR_FILE" 2> /dev/null || echo 0)
while true; do
  page=$(curl --silent --show-error --fail-with-body --max-time 90 --retry 10 --retry-all-errors --get \
    "$AUZAP_URL/api/events" -H "Authorization: Bearer $AUZAP_TOKEN" -d "after=$after" -d wait=60)
  jq -r '.events[] | select(.name == "whatsapp:message" and (.payload.erased | not)) | "\(.payload.from) \(.payload.text)"' <<< "$page"
  after=$(jq -r .last_sequence <<< "$page")
  echo "$after" > "$CURSOR_FILE"
done
