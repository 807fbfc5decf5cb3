import type { V1FeedItem } from '@fanone/contracts/gateway'
import { type RefObject, useEffect, useEffectEvent, useState } from 'react'
import { api } from '../api/client.ts'
import { attachHls } from '../player/hls.ts'

/** Watched for so long, a video counts as visited. */
const VISIT_AFTER_MS = 2_000
const visited = new Set<number>()

/**
 * Plays a video while it is in view. The upload plays as it came; where the browser cannot, its
 * renditions do.
 */
export function usePlayback(
  element: RefObject<HTMLVideoElement | null>,
  { video, isCurrent, isMuted }: { video: V1FeedItem; isCurrent: boolean; isMuted: boolean },
) {
  const [isPaused, setPaused] = useState(false)
  const [isBroken, setBroken] = useState(false)

  const play = useEffectEvent(async (player: HTMLVideoElement) => {
    player.muted = isMuted
    try {
      await player.play()
    } catch (error) {
      if ((error as DOMException).name !== 'NotAllowedError') return
      // Browsers let nothing sound before a person has touched the page.
      player.muted = true
      await player.play().catch(() => setPaused(true))
    }
  })

  // A like makes a new object of the same video, which must go on playing.
  const { id, videoUrl } = video
  useEffect(() => attach(element.current, { id, videoUrl }, () => setBroken(true)), [element, id, videoUrl])

  useEffect(() => {
    const player = element.current
    if (!player || !isCurrent) return
    setPaused(false)
    const onVisibility = () => (document.hidden ? player.pause() : void play(player))
    void play(player)
    document.addEventListener('visibilitychange', onVisibility)
    const visit = setTimeout(() => void record(video.id), VISIT_AFTER_MS)
    return () => {
      clearTimeout(visit)
      document.removeEventListener('visibilitychange', onVisibility)
      player.pause()
      player.currentTime = 0
    }
  }, [element, isCurrent, video.id])

  const toggle = () => {
    const player = element.current
    if (!player) return
    setPaused(!player.paused)
    if (player.paused) void play(player)
    else player.pause()
  }
  const onSpace = useEffectEvent((event: KeyboardEvent) => {
    const isFree = event.target === document.body || (event.target as Element).id === 'content'
    if (event.key !== ' ' || !isFree) return
    event.preventDefault()
    toggle()
  })
  useEffect(() => {
    if (!isCurrent) return
    addEventListener('keydown', onSpace)
    return () => removeEventListener('keydown', onSpace)
  }, [isCurrent])

  return { isPaused, isBroken, toggle }
}

/** @returns what lets the browser forget the video */
function attach(
  player: HTMLVideoElement | null,
  video: Pick<V1FeedItem, 'id' | 'videoUrl'>,
  onBroken: () => void,
): () => void {
  if (!player) return () => undefined
  let detachHls: (() => void) | undefined
  let isOver = false
  const onError = async () => {
    try {
      const { hlsUrl } = await api.videos.get({ id: video.id })
      if (isOver) return
      if (hlsUrl === null) return onBroken()
      detachHls = await attachHls(player, hlsUrl, onBroken)
      await player.play()
    } catch {
      onBroken()
    }
  }
  const onFirstError = () => void onError()
  player.addEventListener('error', onFirstError, { once: true })
  player.src = video.videoUrl
  return () => {
    isOver = true
    player.removeEventListener('error', onFirstError)
    detachHls?.()
    player.removeAttribute('src')
    player.load()
  }
}

async function record(id: number): Promise<void> {
  if (visited.has(id)) return
  visited.add(id)
  await api.visits.record({ id }).catch(() => visited.delete(id))
}
