import type { Video } from '@fanone/contracts'
import { chunksOf } from '@fanone/service-kit'
import { sendTo, sidecarOf } from './sidecars.ts'

/** What one call takes. */
const BATCH_SIZE = 100
let video: ReturnType<typeof sidecarOf> | undefined

/**
 * The video service's answer for these ids, asked as by its sidecar.
 *
 * @throws Error if it does not answer
 */
export async function cardsOf(ids: number[]): Promise<Video[]> {
  video ??= sidecarOf('video')
  const { appPort, appToken } = await video
  const batches = chunksOf(ids, BATCH_SIZE).map(async (batch) => {
    const reply = await sendTo(appPort, { path: '/internal/videos.getMany', token: appToken, json: { ids: batch } })
    if (reply.status !== 200) throw new Error(`videos.getMany answered ${reply.status}: ${reply.text}`)
    return (JSON.parse(reply.text) as { items: Video[] }).items
  })
  return (await Promise.all(batches)).flat()
}
