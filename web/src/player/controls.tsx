import type { V1Video } from '@fanone/contracts/gateway'
import { duration } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import { IconButton } from '../ui/button.tsx'
import styles from './controls.module.css'
import { SeekBar } from './seek-bar.tsx'
import type { Media } from './use-media.ts'
import type { Quality, Source } from './use-source.ts'

const rates = [0.5, 0.75, 1, 1.25, 1.5, 2]

/** The bar of a player. Everything is a control of the browser's own, so keys and readers know it. */
export function Controls({
  video,
  media,
  source,
  onFullScreen,
}: {
  video: V1Video
  media: Media
  source: Source
  onFullScreen: () => void
}) {
  const { player, feed } = useText()
  return (
    <div className={styles.controls}>
      <SeekBar video={video} media={media} />
      <div className={styles.row}>
        <IconButton
          icon={media.isPlaying ? 'pause' : 'play'}
          filled={!media.isPlaying}
          label={media.isPlaying ? feed.pause : feed.play}
          onClick={media.toggle}
        />
        <IconButton
          icon={media.isMuted ? 'muted' : 'sound'}
          label={media.isMuted ? feed.unmute : feed.mute}
          onClick={media.mute}
        />
        <input
          className={styles.volume}
          type="range"
          min="0"
          max="1"
          step="0.05"
          value={media.isMuted ? 0 : media.volume}
          aria-label={player.volume}
          onChange={({ target }) => media.setVolume(Number(target.value))}
        />
        <span className={styles.time}>
          {duration(media.seconds)} / {duration(media.length || video.durationMs / 1_000)}
        </span>
        <span className={styles.gap} />
        <select
          aria-label={player.speed}
          title={player.speed}
          value={media.rate}
          onChange={({ target }) => media.setRate(Number(target.value))}
        >
          {rates.map((rate) => (
            <option key={rate} value={rate}>
              {rate}×
            </option>
          ))}
        </select>
        {source.hasRenditions && <QualityChoice source={source} />}
        {document.pictureInPictureEnabled && (
          <IconButton icon="window" label={player.pictureInPicture} onClick={media.showInWindow} />
        )}
        <IconButton icon="full" label={player.fullScreen} onClick={onFullScreen} />
      </div>
    </div>
  )
}

function QualityChoice({ source }: { source: Source }) {
  const { player } = useText()
  const read = (value: string): Quality => (value === 'automatic' || value === 'original' ? value : Number(value))
  return (
    <select
      aria-label={player.quality}
      title={player.quality}
      value={source.quality}
      onChange={({ target }) => source.choose(read(target.value))}
    >
      <option value="automatic">{player.automatic}</option>
      {source.heights.map((height) => (
        <option key={height} value={height}>
          {height}p
        </option>
      ))}
      <option value="original">{player.original}</option>
    </select>
  )
}
