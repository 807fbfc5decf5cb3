import { useQuery } from '@tanstack/react-query'
import { query } from '../api/client.ts'
import { useText } from '../i18n/language.tsx'
import { VideoCard } from '../ui/video-card.tsx'
import styles from './watch.module.css'

const MOST = 8

/** Videos that look alike. Nothing where there is none, or where image search is away. */
export function Similar({ videoId }: { videoId: number }) {
  const { watch } = useText()
  const { data } = useQuery({
    ...query.videos.similar.queryOptions({ input: { id: videoId, limit: MOST } }),
    retry: false,
  })
  if (!data || data.items.length === 0) return null
  return (
    <aside className={styles.similar} aria-label={watch.similar}>
      <h2>{watch.similar}</h2>
      <ul>
        {data.items.map(({ video }) => (
          <li key={video.id}>
            <VideoCard video={video} isWide />
          </li>
        ))}
      </ul>
    </aside>
  )
}
