"""Goes through a conversation, the newest first, page after page."""
import json
import os
import urllib.parse
import urllib.request

query = {"contact_id": os.environ["CONTACT_ID"], "limit": 2}
while True:
    request = urllib.request.Request(
        f"{os.environ['AUZAP_URL']}/api/messages?{urllib.parse.urlencode(query)}",
        headers={"Authorization": f"Bearer {os.environ['AUZAP_TOKEN']}"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        page = json.load(answer)
    for message in page["messages"]:
        print(message["direction"], message["content"])
    if page["next_cursor"] is None:
        break
    query["cursor"] = page["next_cursor"]
