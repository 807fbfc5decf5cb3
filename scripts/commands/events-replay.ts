import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseAllDocuments } from 'yaml'
import { requireRunning } from '../stack/control.ts'
import { readManifest } from '../stack/manifest.ts'
import { type Place, readTopic } from '../stack/read-topic.ts'
import { appToken, ensureSecrets } from '../stack/secrets.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'
import { writePrivate } from '../stack/write-private.ts'

/** Deliveries of one event; the service gives up an event after four failures of its own. */
const MAX_DELIVERIES = 6
const PAUSE_MS = 250

/** A dead letter as services write it (dead-letters.ts in service-kit). */
interface DeadLetter {
  id: string
  source: string
  type: string
  deadletterreason?: string
  [attribute: string]: unknown
}

/**
 * `npm run events:replay -- <app-id> [--all]`: delivers the dead letters of a service to it again,
 * in order and past all other consumers. The inbox makes events that were applied after all count
 * once; those that fail again become new dead letters. A replay continues after the previous one,
 * or with `--all` from the beginning.
 *
 * @returns 0 if every letter was taken
 */
export async function replayEvents(settings: Settings, args: string[]): Promise<number> {
  const appId = args.find((argument) => !argument.startsWith('-'))
  if (appId === undefined) throw new Error('Name a service: npm run events:replay -- <app-id>')
  await requireRunning(stackPaths(settings).socket)
  const deliver = deliveryTo(settings, appId)
  const topic = `${appId}.dead-letters`
  const positions = new Positions(stackPaths(settings).replayed)
  const from = args.includes('--all') ? new Map<number, bigint>() : positions.of(topic)
  const { serverPorts } = readManifest(settings)
  const seen = new Set<string>()
  const counts = { taken: 0, failed: 0, skipped: 0 }
  const messages = readTopic({ broker: `127.0.0.1:${serverPorts.kafka}`, topic, from })
  for await (const { place, value } of messages) {
    const letter = toLetter(value?.toString() ?? '')
    if (letter === undefined || seen.has(`${letter.source}/${letter.id}`)) counts.skipped += 1
    else {
      seen.add(`${letter.source}/${letter.id}`)
      const isTaken = await deliver(letter)
      counts[isTaken ? 'taken' : 'failed'] += 1
      if (!isTaken) console.error(`${letter.type} ${letter.id} was not taken; ${letter.deadletterreason}`)
    }
    positions.set(topic, place)
  }
  console.log(
    `${appId} was handed ${counts.taken} dead letters, and did not take ${counts.failed}; ${counts.skipped} were no events`,
  )
  return counts.failed === 0 ? 0 : 1
}

/**
 * @returns the event in a message; undefined if it is none, or a second copy that carries its
 *   reason
 */
function toLetter(value: string): DeadLetter | undefined {
  try {
    const letter = JSON.parse(value) as DeadLetter
    const isEvent = typeof letter.id === 'string' && typeof letter.type === 'string' && letter.type !== 'unreadable'
    return isEvent && letter.deadletterreason !== undefined ? letter : undefined
  } catch {
    return undefined
  }
}

/** How an event gets to a service as its sidecar would bring it. @returns whether it was taken */
function deliveryTo(settings: Settings, appId: string): (letter: DeadLetter) => Promise<boolean> {
  const { apps } = readManifest(settings)
  const app = apps.find((one) => one.appId === appId)
  if (!app) throw new Error(`There is no service ${appId}; there are ${apps.map((one) => one.appId).join(', ')}`)
  const token = ensureSecrets(stackPaths(settings).secrets, apps)[appToken(appId)] ?? ''
  const inBatches = topicsInBatches(join(app.dir, 'dapr/subscriptions.yaml'))
  return async ({ deadletterreason: _reason, deadletterconsumer: _consumer, deadletterat: _at, ...event }) => {
    const topic = event.type.replace(/\.v\d+$/, '')
    const body = inBatches.has(topic) ? { entries: [{ entryId: '0', event }] } : event
    for (let delivery = 1; delivery <= MAX_DELIVERIES; delivery++) {
      const response = await fetch(`http://127.0.0.1:${app.ports.app}/events/${topic}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'dapr-api-token': token },
        body: JSON.stringify(body),
      }).catch(() => {
        throw new Error(`${appId} does not answer; is FanOne running? (npm run status)`)
      })
      if (response.ok && !(await response.text()).includes('"RETRY"')) return true
      await delay(PAUSE_MS)
    }
    return false
  }
}

function topicsInBatches(file: string): Set<string> {
  const documents = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS())
  return new Set(documents.filter(({ spec }) => spec.bulkSubscribe?.enabled).map(({ spec }) => spec.topic as string))
}

/**
 * How far the dead letters were replayed, in a file: the offset after the last, by topic and
 * partition.
 */
class Positions {
  readonly #file: string
  readonly #offsets: Record<string, string>

  constructor(file: string) {
    this.#file = file
    this.#offsets = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  }

  of(topic: string): Map<number, bigint> {
    const entries = Object.entries(this.#offsets).flatMap(([key, offset]): [number, bigint][] => {
      const [name, partition] = key.split('/')
      return name === topic ? [[Number(partition), BigInt(offset)]] : []
    })
    return new Map(entries)
  }

  set(topic: string, { partition, offset }: Place): void {
    this.#offsets[`${topic}/${partition}`] = String(offset + 1n)
    writePrivate(this.#file, JSON.stringify(this.#offsets))
  }
}
