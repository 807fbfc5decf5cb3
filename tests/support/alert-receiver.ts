import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { alerts, renderAlertmanagerConfig, renderRules, scaleAlert } from '@fanone/monitoring'
import { reconfigure, watchClosely } from './prometheus.ts'
import { eventually, home, part } from './stack.ts'

/** An alert as Alertmanager sends it. */
export interface SentAlert {
  status: 'firing' | 'resolved'
  labels: Readonly<Record<string, string>>
  annotations: Readonly<Record<string, string>>
}

/** Minutes become seconds. */
const FASTER = 1 / 60

/** Somebody who is called when something is wrong. */
export class AlertReceiver {
  readonly #server: Server
  readonly #received: SentAlert[] = []

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const { alerts } = (await json(request)) as { alerts: SentAlert[] }
      this.#received.push(...alerts)
      response.end()
    })
  }

  /** Has Prometheus judge in seconds what takes minutes, and Alertmanager tell it at once. */
  static async open(): Promise<AlertReceiver> {
    const receiver = new AlertReceiver()
    receiver.#server.listen(0, '127.0.0.1')
    await once(receiver.#server, 'listening')
    const { port } = receiver.#server.address() as AddressInfo
    const config = renderAlertmanagerConfig(`http://127.0.0.1:${port}/`).replace(
      /(group_(wait|interval)): \w+/g,
      '$1: 1s',
    )
    writeFileSync(join(home, 'run/prometheus/alertmanager.yml'), config)
    process.kill((await part('alertmanager')).pid as number, 'SIGHUP')
    const rules = renderRules(alerts.map((alert) => scaleAlert(alert, FASTER)))
    await reconfigure(() => rules, ['rules.yml'])
    await watchClosely()
    return receiver
  }

  /** Waits for an alert, or for its end; the last word about it counts. */
  async told(name: string, status: SentAlert['status'], labels: Record<string, string> = {}): Promise<SentAlert> {
    const isMeant = (alert: SentAlert) =>
      alert.labels.alertname === name && Object.entries(labels).every(([label, value]) => alert.labels[label] === value)
    return eventually(
      () => {
        const last = this.#received.findLast(isMeant)
        return last?.status === status && last
      },
      { timeoutMs: 120_000, what: `${name} is ${status}` },
    )
  }

  close(): void {
    this.#server.close()
  }
}
