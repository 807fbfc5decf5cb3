import type { Identity } from '@fanone/service-kit'
import { startTestGateway } from '../../services/gateway/src/testing/test-gateway.ts'
import { signToken } from '../../services/gateway/src/testing/test-tokens.ts'
import type { VideoParts } from './video-parts.ts'

type Instance = Awaited<ReturnType<VideoParts['instance']>>
type Call = (input: never, options: { context: { identity: Identity } }) => Promise<unknown>

/** Real gateways over the parts of a video service, called without sidecars. */
export async function gatewayOver(instance: Instance, home: string, env: Record<string, string> = {}) {
  const { uploads, joins, chunks, publications, storage } = instance
  const as =
    (work: (identity: Identity, input: never) => Promise<unknown>): Call =>
    async (input, { context }) =>
      (await work(context.identity, input)) ?? {}
  const video = {
    uploads: {
      create: as((identity, input: object) => uploads.create(identity, { chunkCount: 0, ...input } as never)),
      lock: as((identity, input) => uploads.lock(identity, input)),
      keepLock: as((identity, input) => uploads.keepLock(identity, input)),
      unlock: as((identity, input) => uploads.unlock(identity, input)),
      finish: as((identity, input) => uploads.finish(identity, input)),
      join: as((identity, input) => joins.join(identity, input)),
      addChunk: as((identity, input) => chunks.add(identity, input)),
      joinChunks: as((identity, input) => chunks.join(identity, input)),
      end: as((identity, input) => uploads.end(identity, input)),
    },
    videos: { publish: as((identity, input) => publications.publish(identity, input)) },
  }
  const gateway = await startTestGateway({ video }, { FANONE_HOME: home, ...env }, { storage })
  return {
    ...gateway,
    /** Requests of one user. */
    async userOf(userId: number) {
      const token = await signToken(gateway.key, { claims: { sub: String(userId) } })
      return tusClient(gateway.url, { Authorization: `Bearer ${token}` })
    },
  }
}

export type TusClient = ReturnType<typeof tusClient>

/** Speaks tus with headers that a test chooses. */
export function tusClient(url: string, authorization: Record<string, string>) {
  async function send(method: string, path: string, headers: Record<string, string> = {}, body?: RequestInit['body']) {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { 'Tus-Resumable': '1.0.0', ...authorization, ...headers },
      ...(body !== undefined && { body, duplex: 'half' as const }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined }
  }
  const piece = { 'Content-Type': 'application/offset+octet-stream' }
  return {
    authorization,
    send,
    create: (lengthBytes: number, headers: Record<string, string> = {}, body?: RequestInit['body']) =>
      send('POST', '/v1/uploads', { 'Upload-Length': String(lengthBytes), ...headers }, body),
    /** @returns the path of an upload of this length */
    async begin(lengthBytes: number, headers: Record<string, string> = {}): Promise<string> {
      const { status, headers: answered } = await this.create(lengthBytes, headers)
      if (status !== 201) throw new Error(`creation answered ${status}`)
      return answered.get('location') ?? ''
    },
    append: (path: string, offset: number, body: RequestInit['body'], headers: Record<string, string> = {}) =>
      send('PATCH', path, { ...piece, 'Upload-Offset': String(offset), ...headers }, body),
    /** How much is there; the status where it is not known. */
    async offset(path: string): Promise<number | string> {
      const { status, headers } = await send('HEAD', path)
      return status === 200 ? Number(headers.get('upload-offset')) : `HTTP ${status}`
    },
    end: (path: string) => send('DELETE', path),
    publish: (fields: Record<string, unknown>) =>
      send('POST', '/v1/videos', { 'Content-Type': 'application/json' }, JSON.stringify(fields)),
  }
}

/** The id in the path of an upload. */
export const idIn = (path: string) => path.split('/').at(-1) ?? ''
