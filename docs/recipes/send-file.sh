#!/usr/bin/env bash
# Uploads a file and sends it, in one call.
set -euo pipefail

curl --silent --show-error --fail-with-body \
  "$AUZAP_URL/api/whatsapp/instances/$INSTANCE_ID/send" \
  -H "Authorization: Bearer $AUZAP_TOKEN" \
  -H "Idempotency-Key: $KEY" \
  -F "to=$TO" -F type=document -F "caption=$TEXT" -F "file=@$FILE" | jq -r .message_id
