import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { cached } from './cache.ts'
import { sha256OfFile } from './checksum.ts'

const pom = join(import.meta.dirname, 'maven/pom.xml')
const zipkinVersion = '3.5.1'
const jmxExporter = {
  version: '1.0.1',
  sha256: '7d61f737fd661610ccc14aea79764faa1ea94a340cbc8f0029b3d2edea3d80c1',
}
const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'

/** Returns the folder with Kafka's jars. */
export async function fetchKafka(cache: string): Promise<string> {
  const text = readFileSync(pom, 'utf8')
  const version = /kafka_2\.13<\/artifactId>\s*<version>([^<]+)/.exec(text)?.[1]
  const key = sha256OfFile(pom).slice(0, 8)
  return cached(cache, `kafka-${version}-${key}`, async (folder) => {
    await maven('copy-dependencies', '-f', pom, '-DincludeScope=runtime', `-DoutputDirectory=${folder}`)
  })
}

/** Returns Zipkin's self-contained jar. */
export async function fetchZipkin(cache: string): Promise<string> {
  const artifact = `io.zipkin:zipkin-server:${zipkinVersion}:jar:exec`
  const folder = await cached(cache, `zipkin-${zipkinVersion}`, async (target) => {
    await maven('copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${target}`, '-Dmdep.stripVersion=true')
  })
  return join(folder, 'zipkin-server-exec.jar')
}

/**
 * Returns the agent that shows Kafka's metrics to Prometheus.
 *
 * @throws Error where what was fetched is not what it was when it was chosen
 */
export async function fetchJmxExporter(cache: string): Promise<string> {
  const { version, sha256 } = jmxExporter
  const name = `jmx_prometheus_javaagent-${version}.jar`
  const folder = await cached(cache, `jmx-exporter-${version}`, async (target) => {
    await maven(
      'copy',
      `-Dartifact=io.prometheus.jmx:jmx_prometheus_javaagent:${version}`,
      `-DoutputDirectory=${target}`,
    )
    const found = sha256OfFile(join(target, name))
    if (found !== sha256) throw new Error(`${name} has the SHA-256 ${found}, not ${sha256}`)
  })
  return join(folder, name)
}

async function maven(goal: string, ...args: string[]): Promise<void> {
  await execa('mvn', ['--batch-mode', '--quiet', `${dependencyPlugin}:${goal}`, ...args])
}
