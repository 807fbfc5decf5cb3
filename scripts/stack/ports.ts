import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'

/** The base that the port numbers in dapr.yaml are written for. */
export const writtenBase = 7000
/**
 * Ports from the base up to the public port (base + 1080) belong to the stack and move with the
 * base.
 */
const reach = 1100

/** One port as this stack uses it. */
export function shiftPort(port: number, base: number): number {
  const belongsToStack = port >= writtenBase && port < writtenBase + reach
  return belongsToStack ? port + base - writtenBase : port
}

/** Where the S3 server of the stack listens. */
export const s3Port = ({ portBase }: { portBase: number }): number => shiftPort(7010, portBase)

/** Where Milvus listens. */
export const milvusPort = ({ portBase }: { portBase: number }): number => shiftPort(7011, portBase)

/**
 * Moves the ports in a setting: loopback addresses anywhere in it, or the value of a `*_PORT` name.
 */
export function shiftSetting(name: string, value: string, base: number): string {
  if (/(^|_)PORT$/.test(name) && /^\d+$/.test(value)) return String(shiftPort(Number(value), base))
  return value.replace(/\b(127\.0\.0\.1|localhost):(\d{1,5})\b/g, (_all, host: string, port: string) => {
    return `${host}:${shiftPort(Number(port), base)}`
  })
}

/** The port of an address such as `127.0.0.1:7001` or `http://127.0.0.1:7005/api`. */
export function portOf(address: string): number {
  const port = /:(\d{1,5})(?:\/|$)/.exec(address)?.[1]
  if (port === undefined) throw new Error(`"${address}" has no port`)
  return Number(port)
}

/** Resolves to true when nothing listens on the port of the loopback interface. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** The process listening on a port, as `name (pid 12)`; undefined if Linux does not say. */
export function portHolder(port: number): string | undefined {
  const inodes = new Set([...listeningInodes('/proc/net/tcp', port), ...listeningInodes('/proc/net/tcp6', port)])
  if (inodes.size === 0) return undefined
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!holdsSocket(pid, inodes)) continue
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
    return `${name} (pid ${pid})`
  }
  return undefined
}

function listeningInodes(table: string, port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  const listen = '0A'
  try {
    const rows = readFileSync(table, 'utf8').split('\n').slice(1)
    const fields = rows.map((row) => row.trim().split(/\s+/))
    return fields.filter((row) => row[1]?.endsWith(`:${hexPort}`) && row[3] === listen).map((row) => row[9] ?? '')
  } catch {
    return []
  }
}

function holdsSocket(pid: string, inodes: Set<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`)
      return target.startsWith('socket:[') && inodes.has(target.slice(8, -1))
    })
  } catch {
    return false // gone meanwhile, or another user's process
  }
}
