import { connect, type Socket } from 'node:net'
import { createConnection } from 'mysql2/promise'

const probeTimeoutMs = 2_000

/** Resolves when a GET answers with the status; rejects otherwise or after two seconds. */
export async function probeHttp(url: string, status: number, headers: Record<string, string> = {}): Promise<void> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(probeTimeoutMs) })
  await response.body?.cancel()
  if (response.status !== status) throw new Error(`${url} answered ${response.status}`)
}

/** Logs in and asks a question. */
export async function probeMysql(port: number, password: string): Promise<void> {
  const connection = await createConnection({
    host: '127.0.0.1',
    port,
    user: 'root',
    password,
    connectTimeout: probeTimeoutMs,
  })
  try {
    await connection.query('SELECT 1')
  } finally {
    connection.destroy()
  }
}

/** Logs in and expects PONG; while Redis still loads its data it answers an error instead. */
export async function probeRedis(port: number, password: string): Promise<void> {
  const commands = `AUTH ${password}\r\nPING\r\n`
  const answer = await exchange(port, Buffer.from(commands), (received) => /\+PONG|-\w+/.test(received.toString()))
  if (!answer.toString().includes('+PONG')) throw new Error('Redis does not answer PING')
}

/**
 * Asks for the broker's API versions (Kafka protocol, ApiVersions v0). A KRaft broker reads requests only after the
 * controller has let it in, so an answer means it serves.
 */
export async function probeKafka(port: number): Promise<void> {
  const apiVersionsKey = 18
  const correlationId = 7
  const request = Buffer.alloc(14)
  request.writeInt32BE(10, 0)
  request.writeInt16BE(apiVersionsKey, 4)
  request.writeInt16BE(0, 6)
  request.writeInt32BE(correlationId, 8)
  request.writeInt16BE(-1, 12)
  const answer = await exchange(port, request, (received) => received.length >= 10)
  const isRight = answer.readInt32BE(4) === correlationId && answer.readInt16BE(8) === 0
  if (!isRight) throw new Error('Kafka does not answer as a broker')
}

/** Sends bytes and collects the answer until `isComplete`. */
function exchange(port: number, request: Buffer, isComplete: (received: Buffer) => boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0)
    const socket: Socket = connect({ host: '127.0.0.1', port }, () => socket.write(request))
    const end = (finish: () => void) => {
      socket.destroy()
      finish()
    }
    socket.setTimeout(probeTimeoutMs, () => end(() => reject(new Error(`no answer on port ${port}`))))
    socket.on('error', (error) => end(() => reject(error)))
    socket.on('close', () => reject(new Error(`port ${port} closed the connection`)))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (isComplete(received)) end(() => resolve(received))
    })
  })
}
