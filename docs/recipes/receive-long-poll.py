"""Receives events by polls that wait, and goes on where it was when it is started again."""
import json
import os
import pathlib
import time
import urllib.error
import urllib.request

cursor = pathlib.Path(os.environ["CURSOR_FILE"])
after = int(cursor.read_text()) if cursor.exists() else 0
while True:
    request = urllib.request.Request(
        f"{os.environ['AUZAP_URL']}/api/events?after={after}&wait=60",
        headers={"Authorization": f"Bearer {os.environ['AUZAP_TOKEN']}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=90) as answer:
            page = json.load(answer)
    except OSError as error:
        if isinstance(error, urllib.error.HTTPError) and error.code < 500 and error.code != 429:
            raise
        time.sleep(1)
        continue
    for event in page["events"]:
        # Of a person who was erased only the place in the list is left.
        if event["name"] == "whatsapp:message" and "erased" not in event["payload"]:
            print(event["payload"]["from"], event["payload"]["text"], flush=True)
    after = page["last_sequence"]
    cursor.write_text(str(after))
