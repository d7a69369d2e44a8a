#!/usr/bin/env bash
# Sends a text once: asked again under the same key, it is answered from what is stored.
set -euo pipefail

curl --silent --show-error --fail-with-body \
  "$AUZAP_URL/api/whatsapp/instances/$INSTANCE_ID/send" \
  -H "Authorization: Bearer $AUZAP_TOKEN" \
  -H "Content-Type: application/json" \
  -H "Idempotency-Key: $KEY" \
  -d "$(jq -n --arg to "$TO" --arg message "$TEXT" '{to: $to, message: $message}')" | jq -r .message_id
