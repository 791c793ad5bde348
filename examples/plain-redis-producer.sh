#!/bin/sh
# Starts a task and watches it with redis-cli alone. In another terminal: node build/examples/plain-redis-worker.js
set -eu
url=${REDIS_URL:-redis://localhost:6379}
id="count-$$"
redis-cli -u "$url" PING >/dev/null

# The watcher comes first: events are published, not kept. A subscription doesn't end by itself, hence the background.
redis-cli -u "$url" SUBSCRIBE "task-$id" &
watcher=$!
trap 'kill $watcher' EXIT
trap 'exit 130' INT TERM
until [ "$(redis-cli -u "$url" PUBSUB NUMSUB "task-$id" | tail -n 1)" -ge 1 ]; do sleep 0.1; done

# These two start it: the hash, then its id in the queue.
redis-cli -u "$url" HSET "task-$id" task count data '{"to": 2}'
redis-cli -u "$url" LPUSH new-task "$id"

until redis-cli -u "$url" HGET "task-$id" state | grep -qE '^(SUCCESS|ERROR|EXCEPTION)$'; do sleep 0.1; done
echo "output: $(redis-cli -u "$url" HGET "task-$id" output)"
