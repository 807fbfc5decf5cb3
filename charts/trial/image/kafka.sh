#!/bin/sh
# One node that is broker and controller.
set -eu
cat > /tmp/kafka.properties <<'P'
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:9093
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://0.0.0.0:9092,CONTROLLER://127.0.0.1:9093
advertised.listeners=PLAINTEXT://kafka:9092
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=/data/kafka
num.partitions=2
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=6
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
P
run() { exec java -Xms128m -Xmx384m -XX:+UseSerialGC -cp '/kafka/*' "$@"; }
[ -f /data/kafka/meta.properties ] || (run kafka.tools.StorageTool format --ignore-formatted -t FanOneTrial00000000000 -c /tmp/kafka.properties)
run kafka.Kafka /tmp/kafka.properties
