import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server without purpose: whoever calls it followed a client's input. */
export async function startCanary(): Promise<{ url: string; hits: string[]; stop(): void }> {
  const hits: string[] = []
  const server = createServer((request, response) => {
    hits.push(`${request.method} ${request.url}`)
    response.end()
  })
  server.on('connection', () => hits.push('connected'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/canary`, hits, stop: () => void server.close() }
}
