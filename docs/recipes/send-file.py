"""Uploads a file and sends it, in one call."""
import json
import os
import urllib.request
import uuid

path = os.environ["FILE"]
fields = {"to": os.environ["TO"], "type": "document", "caption": os.environ["TEXT"]}
boundary = uuid.uuid4().hex
form = b""
for name, value in fields.items():
    form += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
with open(path, "rb") as file:
    head = f'form-data; name="file"; filename="{os.path.basename(path)}"'
    form += f"--{boundary}\r\nContent-Disposition: {head}\r\n\r\n".encode() + file.read()
form += f"\r\n--{boundary}--\r\n".encode()

request = urllib.request.Request(
    f"{os.environ['AUZAP_URL']}/api/whatsapp/instances/{os.environ['INSTANCE_ID']}/send",
    data=form,
    headers={
        "Authorization": f"Bearer {os.environ['AUZAP_TOKEN']}",
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Idempotency-Key": os.environ["KEY"],
    },
)
with urllib.request.urlopen(request, timeout=120) as answer:
    print(json.load(answer)["message_id"])
