import type { V1Video } from '@fanone/contracts/gateway'
import { useQuery } from '@tanstack/react-query'
import { type PointerEvent, useState } from 'react'
import { duration } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import styles from './seek-bar.module.css'
import { type Picture, pictureAt, readStoryboard } from './storyboard.ts'
import type { Media } from './use-media.ts'

/** Moves through a video; shows a picture of the place the pointer is at. */
export function SeekBar({ video, media }: { video: V1Video; media: Media }) {
  const { player } = useText()
  const [hovered, setHovered] = useState<number>()
  const { storyboardUrl } = video
  const { data: pictures = [] } = useQuery({
    queryKey: ['storyboard', storyboardUrl],
    queryFn: () => readStoryboard(String(storyboardUrl)),
    enabled: storyboardUrl !== null && hovered !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const length = media.length || video.durationMs / 1_000
  const onPointerMove = ({ currentTarget, clientX }: PointerEvent<HTMLElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect()
    setHovered(Math.min(Math.max(0, (clientX - left) / width), 1))
  }
  return (
    <div className={styles.bar} onPointerMove={onPointerMove} onPointerLeave={() => setHovered(undefined)}>
      {hovered !== undefined && (
        <div className={styles.preview} style={{ left: `clamp(84px, ${hovered * 100}%, calc(100% - 84px))` }}>
          <Thumbnail picture={pictureAt(pictures, hovered * length)} />
          <span>{duration(hovered * length)}</span>
        </div>
      )}
      <input
        type="range"
        min="0"
        max={length}
        step="any"
        value={Math.min(media.seconds, length)}
        aria-label={player.position}
        aria-valuetext={`${duration(media.seconds)} / ${duration(length)}`}
        onChange={({ target }) => media.seek(Number(target.value))}
        onKeyDown={(event) => {
          // The arrows are the player's: five seconds instead of a step of this bar.
          if (event.key.startsWith('Arrow')) event.preventDefault()
        }}
      />
    </div>
  )
}

function Thumbnail({ picture }: { picture: Picture | undefined }) {
  if (!picture) return null
  const { url, x, y, width, height } = picture
  return <div style={{ width, height, background: `url("${url}") -${x}px -${y}px` }} />
}
