#!/usr/bin/env bash
# Receives events as server-sent events, and goes on where it was when the line was lost, or when it is started again.
set -uo pipefail

while true; do
  after=$(cat "$CURSOR_FILE" 2> /dev/null || echo 0)
  curl --silent --show-error --fail --no-buffer "$AUZAP_URL/api/events/stream" \
    -H "Authorization: Bearer $AUZAP_TOKEN" -H "Last-Event-ID: $after" |
    while IFS= read -r line; do
      case $line in
        id:*) id=${line#id: } ;;
        data:*)
          jq -r 'select(.name == "whatsapp:message" and (.payload.erased | not)) | "\(.payload.from) \(.payload.text)"' <<< "${line#data: }"
          echo "$id" > "$CURSOR_FILE"
          ;;
      esac
    done
  sleep 1
done
