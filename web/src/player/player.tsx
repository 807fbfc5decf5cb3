import type { V1Video } from '@fanone/contracts/gateway'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useText } from '../i18n/language.tsx'
import { Controls } from './controls.tsx'
import styles from './player.module.css'
import { useMedia } from './use-media.ts'
import { useSource } from './use-source.ts'

const JUMP_SECONDS = 5
const VOLUME_STEP = 0.1

/** Plays a video: its renditions where there are some, else the upload as it came. */
export function Player({
  video,
  startSeconds = 0,
  onStarted,
}: {
  video: V1Video
  startSeconds?: number | undefined
  onStarted: () => void
}) {
  const { player: text, feed } = useText()
  const frame = useRef<HTMLElement>(null)
  const element = useRef<HTMLVideoElement>(null)
  const hasStarted = useRef(false)
  const source = useSource(element, video)
  const media = useMedia(element)
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const player = element.current
    const begin = () => {
      if (player && startSeconds > 0) player.currentTime = startSeconds
    }
    if (player?.readyState === HTMLMediaElement.HAVE_NOTHING)
      player.addEventListener('loadedmetadata', begin, { once: true })
    else begin()
    return () => player?.removeEventListener('loadedmetadata', begin)
  }, [startSeconds])

  const fullScreen = () =>
    void (document.fullscreenElement ? document.exitFullscreen() : frame.current?.requestFullscreen())
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLSelectElement || event.ctrlKey || event.metaKey || event.altKey) return
    const isButton = event.target instanceof HTMLButtonElement
    const actions: Record<string, () => void> = {
      ...(!isButton && { ' ': media.toggle }),
      k: media.toggle,
      m: media.mute,
      f: fullScreen,
      ArrowLeft: () => media.seek(media.seconds - JUMP_SECONDS),
      ArrowRight: () => media.seek(media.seconds + JUMP_SECONDS),
      ArrowUp: () => media.setVolume(media.volume + VOLUME_STEP),
      ArrowDown: () => media.setVolume(media.volume - VOLUME_STEP),
    }
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (!action) return
    event.preventDefault()
    action()
  }
  const started = () => {
    setOver(false)
    if (hasStarted.current) return
    hasStarted.current = true
    onStarted()
  }

  return (
    <section
      ref={frame}
      className={styles.player}
      aria-label={text.player}
      data-idle={media.isPlaying && !isOver}
      style={{ aspectRatio: `${video.width} / ${video.height}` }}
      onKeyDown={onKeyDown}
    >
      {/* biome-ignore lint/a11y/useMediaCaption: nobody has written captions for what people upload */}
      <video
        ref={element}
        className={styles.video}
        poster={video.coverUrl}
        preload="metadata"
        playsInline
        onPlaying={started}
        onEnded={() => setOver(true)}
        onClick={media.toggle}
      />
      {source.isBroken && (
        <p className={styles.broken} role="alert">
          {feed.cannotPlay}
        </p>
      )}
      <Controls video={video} media={media} source={source} onFullScreen={fullScreen} />
    </section>
  )
}
