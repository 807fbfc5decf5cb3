#!/bin/sh
# MariaDB, whose databases and accounts are put in order at each start.
set -eu
[ -d /data/mysql ] || { rm -rf /data/new; mariadb-install-db --no-defaults --datadir=/data/new --tmpdir=/tmp --skip-test-db --skip-name-resolve --auth-root-authentication-method=normal > /dev/null; mv /data/new /data/mysql; }
exec mariadbd --no-defaults --datadir=/data/mysql --tmpdir=/tmp --socket=/tmp/mysql.sock --pid-file=/tmp/mysql.pid \
  --port=3306 --bind-address=0.0.0.0 --skip-name-resolve --init-file=/secrets/accounts.sql \
  --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci --default-time-zone=+00:00 \
  --innodb-buffer-pool-size=96M --innodb-log-file-size=48M --max-connections=300 \
  --sql-mode=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION
