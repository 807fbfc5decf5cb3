import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { cutLater } from './linger.ts'

/** What Node's parser says, as the status that Node itself would answer. */
const TOO_SLOW = 408
const statuses: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: TOO_SLOW,
}

/** Sockets that were answered; the parser complains again of everything that still arrives. */
const answered = new WeakSet<Socket>()

/**
 * Answers what cannot be read as a request, as Node would, but lets the client finish sending: Node
 * closes at once, and where bytes are left unread that resets the connection, so that the client
 * loses the answer (RFC 9112, 9.6). For `clientError` of a server.
 */
export function answerUnreadable(error: NodeJS.ErrnoException, stream: NodeJS.WritableStream): void {
  const socket = stream as Socket
  if (answered.has(socket)) return
  const current = responseOn(socket)
  const status = statusOf(error)
  if (status !== undefined && socket.writable && !current?.headersSent)
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`)
  // Whoever is too slow, or in the middle of a request that is worked on, waits for nothing more.
  if (status === undefined || status === TOO_SLOW || current) return void socket.destroy(error)
  answered.add(socket)
  linger(socket)
}

function statusOf({ code = '' }: NodeJS.ErrnoException): number | undefined {
  return statuses[code] ?? (code.startsWith('HPE_') ? 400 : undefined)
}

/** Throws away what still comes, for as long as a client may take to notice. */
function linger(socket: Socket): void {
  socket.end()
  cutLater(socket)
  // No longer to the parser.
  socket.removeAllListeners('data')
  socket.resume()
}

/** The answer to a request of this connection that is under way. */
function responseOn(socket: Socket): ServerResponse | undefined {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined
}
