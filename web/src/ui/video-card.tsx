import type { V1Video } from '@fanone/contracts/gateway'
import { Link } from '@tanstack/react-router'
import { duration, useFormats } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import styles from './video-card.module.css'

/** A video in a list: cover, length, title, views and age. */
export function VideoCard({
  video,
  isWide = false,
  startSeconds,
  note,
}: {
  video: V1Video
  isWide?: boolean
  /** Where it begins to play. */
  startSeconds?: number | undefined
  /** What else there is to say about it here. */
  note?: string
}) {
  const { watch } = useText()
  const { count, ago, moment } = useFormats()
  const { visits } = video.counters
  return (
    <Link
      to="/watch/$id"
      params={{ id: video.id }}
      search={startSeconds === undefined ? {} : { t: Math.floor(startSeconds) }}
      className={styles.card}
      data-wide={isWide}
    >
      <span className={styles.cover}>
        <img src={video.coverUrl} alt="" width="320" height="180" loading="lazy" decoding="async" />
        <span className={styles.length}>{duration(video.durationMs / 1_000)}</span>
      </span>
      <span className={styles.words}>
        <bdi className={styles.title}>{video.title}</bdi>
        <span className={styles.facts}>
          {watch.visits(visits, count(visits))} ·{' '}
          <time dateTime={video.createdAt} title={moment(video.createdAt)}>
            {ago(video.createdAt)}
          </time>
        </span>
        {note !== undefined && <span className={styles.note}>{note}</span>}
      </span>
    </Link>
  )
}
