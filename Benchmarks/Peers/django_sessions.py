"""django_sessions.py POSTGRES REDIS COUNT: reads and then writes per second of Django's cached_db sessions, one process."""
import sys
import time
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings

url = urlsplit(sys.argv[1])
options = {name: values[0] for name, values in parse_qs(url.query).items()}
settings.configure(
    SECRET_KEY="benchmark",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path.lstrip("/"),
            "USER": url.username or options.get("user", ""),
            "HOST": options.get("host") or unquote(url.hostname or ""),
            "PORT": options.get("port") or url.port or "",
            "CONN_MAX_AGE": None,
        }
    },
    CACHES={
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": sys.argv[2], "KEY_PREFIX": "django"}
    },
    SESSION_ENGINE="django.contrib.sessions.backends.cached_db",
    USE_TZ=True,
)
django.setup()
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.management import call_command

call_command("migrate", verbosity=0)
count = int(sys.argv[3])
session = SessionStore()
session["cart"] = "x" * 250
session["_auth_user_id"] = "42"
session.save()
key = session.session_key
for measured in (False, True):
    start = time.perf_counter()
    for _ in range(count if measured else 100):
        SessionStore(key)["cart"]
    reads = count / (time.perf_counter() - start)
for measured in (False, True):
    start = time.perf_counter()
    for number in range(count if measured else 100):
        session = SessionStore(key)
        session["n"] = number
        session.save()
    writes = count / (time.perf_counter() - start)
print(reads)
print(writes)
