import type { V1Video } from '@fanone/contracts/gateway'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { More } from './more.tsx'
import { Failure, Loading } from './states.tsx'
import { VideoCard } from './video-card.tsx'
import styles from './video-grid.module.css'

type Pages = InfiniteData<{ items: V1Video[]; nextCursor: string | null }>

const SKELETONS = 6

/** A list of videos that grows by a button. */
export function VideoGrid({ list, whenEmpty }: { list: UseInfiniteQueryResult<Pages>; whenEmpty: React.ReactNode }) {
  const { data, error, isPending, refetch, hasNextPage } = list
  const videos = data?.pages.flatMap(({ items }) => items) ?? []
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />
  if (data && videos.length === 0 && !hasNextPage) return whenEmpty
  return (
    <div className={styles.list}>
      <ul className={styles.grid}>
        {isPending ? (
          <Loading shape="card" count={SKELETONS} />
        ) : (
          videos.map((video) => (
            <li key={video.id}>
              <VideoCard video={video} />
            </li>
          ))
        )}
      </ul>
      <More list={list} />
    </div>
  )
}
