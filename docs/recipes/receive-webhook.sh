#!/usr/bin/env bash
# Makes a webhook that is called with each message, and shows its secret, which is shown now and never again.
# What receives it is in the other files of this name.
set -euo pipefail

curl --silent --show-error --fail-with-body "$AUZAP_URL/api/webhooks" \
  -H "Authorization: Bearer $AUZAP_TOKEN" \
  -H "Content-Type: application/json" \
  -d "$(jq -n --arg url "$WEBHOOK_URL" '{url: $url, events: ["whatsapp:message"]}')" | jq -r .secret
