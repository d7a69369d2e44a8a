"""OpenStack Swift with its S3 interface in one process, for one run: all of it on 127.0.0.1, with one copy of each file in a folder.

python3 s3-server.py FOLDER PORT ACCESS_KEY_ID SECRET_ACCESS_KEY
"""

import logging
import os
import sys
from math import inf
from time import monotonic

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi  # noqa: E402
from swift.common import utils  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.storage_policy import reload_storage_policies  # noqa: E402
from swift.common.wsgi import SwiftHttpProtocol, loadapp  # noqa: E402

folder, port, access_key_id, secret = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
account, user = access_key_id.split(":")

with open(os.path.join(folder, "swift.conf"), "w") as conf:
    conf.write("[swift-hash]\nswift_hash_path_suffix = tests\n")
utils.SWIFT_CONF_FILE = os.path.join(folder, "swift.conf")
utils.validate_hash_conf()
reload_storage_policies()

COMMON = f"swift_dir = {folder}\ndevices = {folder}/devices\nmount_check = false\nlog_level = ERROR\nworkers = 0\n"
os.makedirs(os.path.join(folder, "devices", "d1"), exist_ok=True)


def serve(name, app_conf, listener):
    path = os.path.join(folder, f"{name}.conf")
    with open(path, "w") as conf:
        conf.write(f"[DEFAULT]\n{COMMON}{app_conf}")
    app = loadapp(path, global_conf={"log_name": name})
    quiet = logging.getLogger(name)
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    eventlet.spawn(
        wsgi.server, listener, app, quiet, protocol=SwiftHttpProtocol, capitalize_response_headers=False, log_output=False
    )


for kind in ("account", "container", "object"):
    listener = eventlet.listen(("127.0.0.1", 0), backlog=4096)
    builder = RingBuilder(2, 1, 1)
    device = {"region": 1, "zone": 1, "ip": "127.0.0.1", "port": listener.getsockname()[1], "device": "d1", "weight": 1}
    builder.add_dev({**device, "replication_ip": device["ip"], "replication_port": device["port"]})
    builder.rebalance()
    builder.get_ring().save(os.path.join(folder, f"{kind}.ring.gz"))
    serve(kind, f"[pipeline:main]\npipeline = {kind}-server\n[app:{kind}-server]\nuse = egg:swift#{kind}\n", listener)


class Memory:
    """What memcached is elsewhere."""

    def __init__(self, app):
        self.app, self.values = app, {}

    def __call__(self, env, start_response):
        env["swift.cache"] = self
        return self.app(env, start_response)

    def get(self, key, **_):
        value, until = self.values.get(key, (None, 0))
        return value if until > monotonic() else None

    def set(self, key, value, **options):
        self.values[key] = (value, monotonic() + (options.get("time") or inf))

    def delete(self, key, **_):
        self.values.pop(key, None)

    def incr(self, key, delta=1, **_):
        self.set(key, (self.get(key) or 0) + int(delta))
        return self.get(key)


def memory_factory(global_conf, **local_conf):
    return Memory


sys.modules["s3_server"] = sys.modules["__main__"]
PROXY = f"""[pipeline:main]
pipeline = catch_errors gatekeeper memory listing_formats bulk s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:memory]
paste.filter_factory = s3_server:memory_factory
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret} .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""
serve("proxy", PROXY, eventlet.listen(("127.0.0.1", port), backlog=4096))
print("serving S3", flush=True)
while True:
    eventlet.sleep(3600)
