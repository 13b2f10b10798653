"""redis_pipelining.py SOCKET get|set DEPTH COUNT: commands per second of redis-py, DEPTH of them per pipeline."""
import sys
import time

import redis

path, verb, depth, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
client = redis.Redis(unix_socket_path=path)
assert "hiredis" in str(redis.connection.DefaultParser).lower()
turns = max(1, count // depth)
start = time.perf_counter()
for _ in range(turns):
    pipeline = client.pipeline(transaction=False)
    for _ in range(depth):
        if verb == "get":
            pipeline.get("key:__rand_int__")
        else:
            pipeline.set("key:__rand_int__", "xxx")
    pipeline.execute()
print(turns * depth / (time.perf_counter() - start))
