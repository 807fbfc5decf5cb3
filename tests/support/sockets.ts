import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A TCP socket that a process listens on. */
export interface ListeningSocket {
  /** As text: `127.0.0.1`, `0.0.0.0`, or 32 hex digits of an IPv6 address that is none of IPv4. */
  address: string
  port: number
}

/** The sockets a process listens on. */
export function listeningSockets(pid: number): ListeningSocket[] {
  const own = new Set(socketInodes(pid))
  return [...tableOf('/proc/net/tcp'), ...tableOf('/proc/net/tcp6')].filter(({ inode }) => own.has(inode))
}

function socketInodes(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
    } catch {
      return [] // closed meanwhile
    }
  })
}

function tableOf(file: string): (ListeningSocket & { inode: string })[] {
  const listen = '0A'
  const rows = readFileSync(file, 'utf8').trimEnd().split('\n').slice(1)
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter((fields) => fields[3] === listen)
    .map((fields) => {
      const [address = '', port = ''] = (fields[1] ?? '').split(':')
      return { address: readable(address), port: Number.parseInt(port, 16), inode: fields[9] ?? '' }
    })
}

/** Linux writes four bytes at a time as a number, the lowest first. */
function readable(hex: string): string {
  const isIpv4 = hex.length === 8
  const isMappedIpv4 = hex.startsWith('0000000000000000FFFF0000')
  if (!isIpv4 && !isMappedIpv4) return hex
  const bytes = [...Buffer.from(hex.slice(-8), 'hex')].reverse()
  return bytes.join('.')
}
