import type { V1Video } from '@fanone/contracts/gateway'
import type Hls from 'hls.js'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { attachHls } from './hls.ts'

/** The height of a rendition in pixels; automatic, or the upload itself. */
export type Quality = number | 'automatic' | 'original'

/** Gives a player its bytes, and lets people choose which. */
export function useSource(element: RefObject<HTMLVideoElement | null>, { videoUrl, hlsUrl }: V1Video) {
  const [heights, setHeights] = useState<number[]>([])
  const [quality, setQuality] = useState<Quality>(hlsUrl === null ? 'original' : 'automatic')
  const [isBroken, setBroken] = useState(false)
  const hls = useRef<Hls>(undefined)
  const isOriginal = quality === 'original' || hlsUrl === null

  useEffect(() => {
    const player = element.current
    if (!player) return
    let isOver = false
    let detach: () => void = () => undefined
    const [at, wasPlaying] = [player.currentTime, !player.paused]
    const goOn = () => {
      player.currentTime = at
      if (wasPlaying) void player.play().catch(() => undefined)
    }
    if (at > 0) player.addEventListener('loadedmetadata', goOn, { once: true })
    const onBroken = () => setBroken(true)
    if (isOriginal) {
      player.addEventListener('error', onBroken)
      player.src = videoUrl
    } else {
      void attachHls(player, hlsUrl, onBroken, (levels, library) => {
        hls.current = library
        setHeights(levels.map(({ height }) => height))
      }).then((end) => {
        if (isOver) end()
        else detach = end
      }, onBroken)
    }
    return () => {
      isOver = true
      hls.current = undefined
      player.removeEventListener('loadedmetadata', goOn)
      player.removeEventListener('error', onBroken)
      detach()
      player.removeAttribute('src')
    }
  }, [element, videoUrl, hlsUrl, isOriginal])

  const choose = (chosen: Quality) => {
    setBroken(false)
    setQuality(chosen)
    if (hls.current && chosen !== 'original')
      hls.current.nextLevel = chosen === 'automatic' ? -1 : heights.indexOf(chosen)
  }
  return { heights, quality, choose, isBroken, hasRenditions: hlsUrl !== null }
}
export type Source = ReturnType<typeof useSource>
