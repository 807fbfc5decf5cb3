#!/bin/sh
set -eu
(umask 077; printf 'port 6379\nbind 0.0.0.0\ndir /data\nrequirepass %s\nappendonly yes\nappendfsync everysec\nmaxmemory-policy noeviction\n' "$(cat /secrets/redis-password)" > /tmp/redis.conf)
exec redis-server /tmp/redis.conf
