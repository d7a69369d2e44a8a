"""Receives webhooks: checks the signature, answers soon, and does each event once."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import time

secret = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
# Deliveries come at least once. A real receiver keeps the ids in its database.
done = set()


def is_signed(headers, body):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    # There are two while a secret is rotated.
    signatures = [part.partition(",")[2] for part in headers.get("webhook-signature", "").split(" ")]
    is_fresh = abs(time.time() - int(headers.get("webhook-timestamp", "0"))) < 300
    return is_fresh and any(hmac.compare_digest(wanted, signature) for signature in signatures)


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        # The bytes as they came: what is parsed and printed again has another signature.
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not is_signed(self.headers, body):
            self.send_error(400, "not signed by this secret")
            return
        if self.headers["webhook-id"] not in done:
            done.add(self.headers["webhook-id"])
            data = json.loads(body)["data"]
            print(data["from"], data["text"], flush=True)
        self.send_response(204)
        self.end_headers()


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Receiver)
print("listening", file=sys.stderr, flush=True)
server.serve_forever()
