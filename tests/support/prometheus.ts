import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually, home, part, port } from './stack.ts'

const prometheusUrl = `http://127.0.0.1:${port(7030)}`

/** One series of an answer with its value now. */
export interface Sample {
  labels: Readonly<Record<string, string>>
  value: number
}

/** What Prometheus says to an expression now. @throws Error where it cannot be evaluated */
export async function query(expression: string): Promise<Sample[]> {
  const body = await ask('query', { query: expression })
  const { result, resultType } = body.data as { resultType: string; result: unknown }
  if (resultType === 'scalar') return [{ labels: {}, value: Number((result as [number, string])[1]) }]
  return (result as { metric: Record<string, string>; value: [number, string] }[]).map(({ metric, value }) => ({
    labels: metric,
    value: Number(value[1]),
  }))
}

/** Asks Prometheus' HTTP API. @throws Error with its words where it refuses */
export async function ask(path: string, parameters: Record<string, string> = {}): Promise<{ data: unknown }> {
  const response = await fetch(`${prometheusUrl}/api/v1/${path}?${new URLSearchParams(parameters)}`)
  const body = (await response.json()) as { status: string; error?: string; data: unknown }
  if (body.status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${body.error}`)
  return body
}

/** Gives Prometheus other files to work by, in place of those it started with. */
export async function reconfigure(change: (name: string, text: string) => string, names: string[]): Promise<void> {
  for (const name of names) {
    const file = join(home, 'run/prometheus', name)
    writeFileSync(file, change(name, readFileSync(file, 'utf8')))
  }
  const { pid } = await part('prometheus')
  const loadedAt = async () => (await query('prometheus_config_last_reload_success_timestamp_seconds'))[0]?.value
  const before = (await eventually(loadedAt)) as number
  process.kill(pid as number, 'SIGHUP')
  await eventually(async () => Number(await loadedAt()) > before, { what: 'Prometheus has read its files again' })
}

/** Scrapes and judges every two seconds, so that a test need not wait as long as people do. */
export async function watchClosely(): Promise<void> {
  await reconfigure((_, text) => text.replaceAll(/_interval: \w+/g, '_interval: 2s'), ['prometheus.yml'])
}
