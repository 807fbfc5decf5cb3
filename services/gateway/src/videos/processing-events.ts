import { setTimeout as delay } from 'node:timers/promises'
import type { VideoProcessing } from '@fanone/contracts'
import type { Response } from 'express'

const ASK_EVERY_MS = 1_000
/** Proxies and our own server close connections that are silent. */
const COMMENT_EVERY_MS = 10_000
/** Longer streams end; clients come back by themselves (HTML Standard, 9.2). */
const LONGEST_MS = 5 * 60_000
const RETRY_MS = 1_000

export interface StreamOptions {
  /** How far it is now. */
  ask: () => Promise<VideoProcessing>
  /** Called once the answer has begun. */
  onBegin: () => void
  /** Ends all streams: clients find another gateway. */
  stopping: AbortSignal
}

/**
 * Answers with server-sent events: what is known now, then every change, until there can be none.
 * Before anything is sent an error is thrown; after that the stream ends, and clients ask again.
 */
export async function streamProcessing(response: Response, { ask, onBegin, stopping }: StreamOptions): Promise<void> {
  let known = await ask()
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const ending = AbortSignal.any([gone.signal, stopping, AbortSignal.timeout(LONGEST_MS)])
  response.set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' })
  response.write(`retry: ${RETRY_MS}\n\n${toEvent(known)}`)
  onBegin()
  let silentSince = performance.now()
  try {
    while (known.state === 'processing' && !ending.aborted) {
      await delay(ASK_EVERY_MS, undefined, { signal: ending })
      const next = await ask()
      const hasChanged = next.state !== known.state || next.progress !== known.progress
      if (!hasChanged && performance.now() - silentSince < COMMENT_EVERY_MS) continue
      response.write(hasChanged ? toEvent(next) : ':\n\n')
      silentSince = performance.now()
      known = next
    }
  } catch {
    // Whoever asks again is told what is wrong, in an answer of its own.
  }
  response.end()
}

const toEvent = (processing: VideoProcessing) => `data: ${JSON.stringify(processing)}\n\n`
