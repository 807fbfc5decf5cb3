import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect,
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { generate } from 'selfsigned'

/** gRPC's code, as a Milvus with authentication answers. */
const UNAUTHENTICATED = '16'

/** Milvus Lite behind TLS and a password, neither of which it has itself. */
export async function securedMilvus(options: { address: string; user: string; password: string }) {
  const { address, user, password } = options
  const wanted = Buffer.from(`${user}:${password}`).toString('base64')
  const certificate = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  })
  const milvus = connect(`http://${address}`)
  milvus.on('error', () => {})
  const server = createSecureServer({ key: certificate.private, cert: certificate.cert })
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    if (headers.authorization === wanted) pass(milvus, stream, headers)
    else stream.respond({ 'content-type': 'application/grpc', 'grpc-status': UNAUTHENTICATED }, { endStream: true })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** PEM of who signed its certificate. */
    authority: certificate.cert,
    close() {
      server.close()
      milvus.destroy()
    },
  }
}

function pass(milvus: ClientHttp2Session, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const answer = milvus.request(headers)
  answer.on('error', () => stream.close())
  stream.pipe(answer)
  answer.on('response', ({ ':status': status, ...rest }, flags) => {
    const isWhole = (flags & 1) !== 0
    stream.respond({ ':status': status, ...rest }, { waitForTrailers: !isWhole, endStream: isWhole })
    if (isWhole) return
    let trailers = {}
    answer.on('trailers', (sent) => {
      trailers = sent
    })
    stream.on('wantTrailers', () => stream.sendTrailers(trailers))
    answer.pipe(stream)
  })
}
