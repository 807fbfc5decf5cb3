import { connect, type Socket } from 'node:net'
import { apiUrl } from './stack.ts'

/** A connection to the public port for raw bytes that no HTTP client sends. */
export interface RawConnection {
  socket: Socket
  /** Everything that came back so far. */
  received(): string
  /** Settles when the server has closed the connection. */
  closed: Promise<void>
}

export function openRaw(): Promise<RawConnection> {
  const { hostname, port } = new URL(apiUrl)
  const socket = connect({ host: hostname, port: Number(port) })
  let text = ''
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1')
  })
  // A reset is an end too.
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve({ socket, received: () => text, closed }))
    socket.once('error', reject)
  })
}

/**
 * Sends bytes and waits until the server closes.
 *
 * @returns the statuses of all answers, in order
 */
export async function exchangeRaw(bytes: string): Promise<{ statuses: number[]; text: string }> {
  const connection = await openRaw()
  connection.socket.write(Buffer.from(bytes, 'latin1'))
  await connection.closed
  const text = connection.received()
  return { statuses: [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status)), text }
}
