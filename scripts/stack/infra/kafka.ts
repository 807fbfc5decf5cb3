import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Manifest } from '../manifest.ts'
import type { Part } from '../part.ts'
import { probeKafka } from '../probes.ts'
import { type Settings, stackPaths } from '../settings.ts'

/** Any 16 bytes in base64; the data folder is tied to it. */
const clusterId = 'FanOneLocalStack000000'
const jmxExporterConfig = join(import.meta.dirname, '../../../packages/monitoring/kafka-jmx.yml')
const loggingFile = join(import.meta.dirname, 'kafka-log4j2.properties')

/** Writes the configuration and formats the data folder once. */
export async function prepareKafka(settings: Settings, manifest: Manifest, libs: string): Promise<void> {
  const { configFile, dir } = files(settings)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  mkdirSync(stackPaths(settings).run, { recursive: true, mode: 0o700 })
  writeFileSync(configFile, serverProperties(manifest, dir))
  if (existsSync(join(dir, 'meta.properties'))) return
  await execa('java', [
    ...javaOptions(libs),
    'kafka.tools.StorageTool',
    'format',
    '--ignore-formatted',
    '-t',
    clusterId,
    '-c',
    configFile,
  ])
}

/**
 * One Kafka node that is broker and controller.
 *
 * @param jmxExporter the agent that shows its metrics, where they are wanted
 */
export function kafkaPart(settings: Settings, manifest: Manifest, libs: string, jmxExporter?: string): Part {
  const { kafka } = manifest.serverPorts
  const { kafkaExporter } = manifest.monitoringPorts
  const agent = jmxExporter ? [`-javaagent:${jmxExporter}=127.0.0.1:${kafkaExporter}:${jmxExporterConfig}`] : []
  const { kafkaController } = manifest.infraPorts
  return {
    name: 'kafka',
    kind: 'infra',
    command: 'java',
    args: [...agent, ...javaOptions(libs), 'kafka.Kafka', files(settings).configFile],
    cwd: stackPaths(settings).run,
    env: {},
    ports: { broker: kafka, controller: kafkaController, ...(jmxExporter && { metrics: kafkaExporter }) },
    graceMs: 20_000,
    probe: () => probeKafka(kafka),
  }
}

function javaOptions(libs: string): string[] {
  // With the first compiler alone an idle broker takes half as much again and starts hardly sooner.
  const quick = ['-XX:+UseSerialGC', '-Xshare:auto']
  return ['-Xms128m', '-Xmx512m', ...quick, `-Dlog4j2.configurationFile=${loggingFile}`, '-cp', join(libs, '*')]
}

function files(settings: Settings) {
  return {
    dir: join(stackPaths(settings).data, 'kafka'),
    configFile: join(stackPaths(settings).run, 'kafka.properties'),
  }
}

function serverProperties(manifest: Manifest, dir: string): string {
  const { kafka: advertised, kafkaController } = manifest.infraPorts
  const { kafka } = manifest.serverPorts
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${kafkaController}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${kafka},CONTROLLER://127.0.0.1:${kafkaController}`,
    // Clients continue at this address after their first request, so it may be Toxiproxy's.
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${advertised}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': dir,
    'auto.create.topics.enable': true,
    // One for each of two instances. Every fetch names all of a consumer, and a sidecar delivers
    // batches of different partitions one after the other.
    'num.partitions': 2,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 6,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // After a kill the new process can register only when the old session is over (default 9 s).
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 1000,
    // Two cores, and nobody who reads how far a follower of the metadata is behind.
    'num.network.threads': 2,
    'num.io.threads': 2,
    'metadata.max.idle.interval.ms': 5000,
    'log.retention.hours': 168,
  }
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}`)
  return `${lines.join('\n')}\n`
}
