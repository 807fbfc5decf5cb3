import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ErrorCode } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import { makeClip } from '../../../../services/video/src/testing/clips.ts'
import { send } from '../../../support/http.ts'
import { eventually } from '../../../support/stack.ts'
import type { Client } from '../client.ts'
import type { Workload } from '../workload.ts'
import { checkMedia } from './media-check.ts'
import { type Actor, newActor, newActors } from './members.ts'
import { checkVideos } from './videos-check.ts'

const PIECES = 3
const patience = { timeoutMs: 120_000 }

/** How far the work has come. */
export interface MediaProgress {
  published: number
}

/**
 * Authors send what no browser plays in pieces, publish it by its upload and delete some of it;
 * jobs make the rest.
 */
export function media({
  clients = 3,
  deletePercent = 15,
  progress = { published: 0 } as MediaProgress,
} = {}): Workload {
  return {
    name: 'media',
    async start({ runName }) {
      const actors = await newActors('media', clients)
      const probing = await newActor('media')
      const clip = await makeClip(join(tmpdir(), `${runName}.mkv`), { size: '128x72', seconds: 1, audio: 'ac3' })
      const bytes = await readFile(clip)
      const videoIds = new Map<Actor, number[]>(actors.map((actor) => [actor, []]))
      let count = 0
      const publish = async (client: Client, actor: Actor) => {
        const published = await publishOne(client, actor, { bytes, key: `${runName} ${++count}` })
        if (published !== undefined) progress.published += 1
        return published
      }
      return {
        clients,
        async step(client) {
          const actor = actors[client.index % actors.length] as Actor
          const own = videoIds.get(actor) ?? []
          if (own.length > 0 && client.random.below(100) < deletePercent)
            return await deleteOne(client, actor, own.pop() ?? 0, `${runName} ${++count}`)
          const id = await publish(client, actor)
          if (id !== undefined) own.push(id)
        },
        async probe(client) {
          while ((await publish(client, probing)) === undefined);
        },
        async check(evidence) {
          const authors = [...actors, probing]
          return [...(await checkVideos(authors, evidence)), ...(await checkMedia(authors, evidence, bytes))]
        },
      }
    },
  }
}

/** @returns the id of the video, if it is acknowledged */
async function publishOne(client: Client, actor: Actor, { bytes, key }: { bytes: Buffer; key: string }) {
  const uploadId = await sendInPieces(actor, bytes)
  const { outcome, subject } = await client.call(
    { op: 'video.publish', key, userId: actor.id, value: key },
    async () => {
      const json = { uploadId, title: key, description: key }
      return ((await request(actor, 'POST', '/v1/videos', { json })).json as { id: number }).id
    },
    { repeatable: true },
  )
  return outcome === 'ok' ? subject : undefined
}

/** Goes on from what there is, whatever became of a piece. */
async function sendInPieces(actor: Actor, bytes: Buffer): Promise<string> {
  const tus = { 'tus-resumable': '1.0.0' }
  const begin = () => request(actor, 'POST', '/v1/uploads', { headers: { ...tus, 'upload-length': `${bytes.length}` } })
  const path = (await eventually(begin, patience)).headers.get('location') ?? ''
  for (let offset = 0; offset < bytes.length; ) {
    const piece = bytes.subarray(offset, offset + Math.ceil(bytes.length / PIECES))
    const headers = { ...tus, 'upload-offset': `${offset}`, 'content-type': 'application/offset+octet-stream' }
    await request(actor, 'PATCH', path, { headers, body: Uint8Array.from(piece) }).catch(() => undefined)
    const head = await eventually(() => request(actor, 'HEAD', path, { headers: tus }), patience)
    offset = Number(head.headers.get('upload-offset'))
  }
  return path.split('/').at(-1) ?? ''
}

async function deleteOne(client: Client, actor: Actor, videoId: number, key: string): Promise<void> {
  await client.call(
    { op: 'video.delete', key, userId: actor.id, subject: videoId },
    async () => {
      await request(actor, 'DELETE', `/v1/videos/${videoId}`)
      return videoId
    },
    // Deleting a deleted video has the wanted result.
    { repeatable: true, isDone: ({ code }) => code === 'video_not_found' },
  )
}

/** @throws ServiceError what a problem document says */
async function request(actor: Actor, method: string, path: string, options: Parameters<typeof send>[2] = {}) {
  const answer = await send(method, path, { ...options, token: await actor.token() })
  if (answer.status < 400) return answer
  const { code = answer.status < 500 ? 'invalid_input' : 'unavailable' } = (answer.json ?? {}) as { code?: ErrorCode }
  throw new ServiceError(code)
}
