import { type RefObject, useEffect, useState } from 'react'
import { readPreference, writePreference } from '../lib/preferences.ts'

const events = [
  'play',
  'pause',
  'timeupdate',
  'durationchange',
  'volumechange',
  'ratechange',
  'progress',
  'emptied',
] as const

const stateOf = (player: HTMLVideoElement | null) => ({
  isPlaying: player !== null && !player.paused,
  seconds: player?.currentTime ?? 0,
  length: player && Number.isFinite(player.duration) ? player.duration : 0,
  volume: player?.volume ?? 1,
  isMuted: player?.muted ?? false,
  rate: player?.playbackRate ?? 1,
})

/** What a media element does, and how to tell it to do something else. The volume is remembered. */
export function useMedia(element: RefObject<HTMLVideoElement | null>) {
  const [state, setState] = useState(() => stateOf(null))
  useEffect(() => {
    const player = element.current
    if (!player) return
    player.volume = Math.min(1, Math.max(0, Number(readPreference('volume') ?? 1))) || 0
    const update = () => setState(stateOf(player))
    for (const name of events) player.addEventListener(name, update)
    update()
    return () => {
      for (const name of events) player.removeEventListener(name, update)
    }
  }, [element])

  const on = (act: (player: HTMLVideoElement) => void) => {
    if (element.current) act(element.current)
  }
  return {
    ...state,
    toggle: () => on((player) => (player.paused ? void player.play().catch(() => undefined) : player.pause())),
    seek: (seconds: number) =>
      on((player) => {
        player.currentTime = Math.min(Math.max(0, seconds), player.duration || 0)
      }),
    mute: () =>
      on((player) => {
        player.muted = !player.muted
      }),
    setVolume: (volume: number) =>
      on((player) => {
        player.volume = Math.min(1, Math.max(0, volume))
        player.muted = player.volume === 0
        writePreference('volume', String(player.volume))
      }),
    setRate: (rate: number) =>
      on((player) => {
        player.playbackRate = rate
      }),
    showInWindow: () => on((player) => void player.requestPictureInPicture().catch(() => undefined)),
  }
}
export type Media = ReturnType<typeof useMedia>
