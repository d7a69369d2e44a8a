"""Receives events as server-sent events, and goes on where it was when the line was lost, or when it is started again."""
import json
import os
import pathlib
import sys
import time
import urllib.request

cursor = pathlib.Path(os.environ["CURSOR_FILE"])
while True:
    request = urllib.request.Request(
        f"{os.environ['AUZAP_URL']}/api/events/stream",
        headers={
            "Authorization": f"Bearer {os.environ['AUZAP_TOKEN']}",
            "Last-Event-ID": cursor.read_text() if cursor.exists() else "0",
        },
    )
    try:
        # Comments come every 15 s: who hears nothing for longer has lost the line.
        with urllib.request.urlopen(request, timeout=60) as stream:
            last_id = ""
            for line in stream:
                field, _, value = line.decode().rstrip("\n").partition(": ")
                if field == "id":
                    last_id = value
                elif field == "data":
                    event = json.loads(value)
                    # Of a person who was erased only the place in the list is left.
                    if event.get("name") == "whatsapp:message" and "erased" not in event["payload"]:
                        print(event["payload"]["from"], event["payload"]["text"], flush=True)
                    cursor.write_text(last_id)
    except OSError as error:
        print(error, file=sys.stderr)
    time.sleep(1)
