"""Sends a text once: asked again under the same key, it is answered from what is stored."""
import json
import os
import urllib.request

request = urllib.request.Request(
    f"{os.environ['AUZAP_URL']}/api/whatsapp/instances/{os.environ['INSTANCE_ID']}/send",
    data=json.dumps({"to": os.environ["TO"], "message": os.environ["TEXT"]}).encode(),
    headers={
        "Authorization": f"Bearer {os.environ['AUZAP_TOKEN']}",
        "Content-Type": "application/json",
        "Idempotency-Key": os.environ["KEY"],
    },
)
with urllib.request.urlopen(request, timeout=60) as answer:
    print(json.load(answer)["message_id"])
