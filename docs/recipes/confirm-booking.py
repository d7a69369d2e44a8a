"""Confirms a booking as it was read: 412 where somebody else changed it meanwhile."""
import json
import os
import urllib.request

url = f"{os.environ['AUZAP_URL']}/api/bookings/{os.environ['BOOKING_ID']}"
headers = {"Authorization": f"Bearer {os.environ['AUZAP_TOKEN']}"}

with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
    etag = answer.headers["ETag"]

request = urllib.request.Request(
    url,
    method="PATCH",
    data=json.dumps({"status": "confirmed", "title": "Haircut"}).encode(),
    headers={**headers, "Content-Type": "application/json", "If-Match": etag},
)
with urllib.request.urlopen(request, timeout=60) as answer:
    print(json.load(answer)["booking"]["status"])
