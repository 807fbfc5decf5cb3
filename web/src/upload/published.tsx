import type { V1Video } from '@fanone/contracts/gateway'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { query } from '../api/client.ts'
import { useText } from '../i18n/language.tsx'
import { Button } from '../ui/button.tsx'
import { VideoCard } from '../ui/video-card.tsx'
import styles from './upload.module.css'
import type { UploadItem, UploadQueue } from './upload-queue.ts'

const FIRST_LOOK_MS = 1_000
const LAST_LOOK_MS = 15_000

/** What an upload became, and how far the processing is. */
export function Published({ item, video, queue }: { item: UploadItem; video: V1Video; queue: UploadQueue }) {
  const { upload, states } = useText()
  const { data } = useQuery({
    ...query.videos.get.queryOptions({ input: { id: video.id } }),
    initialData: video,
    // Looked at less often the longer it takes.
    refetchInterval: ({ state }) =>
      state.data?.state === 'processing' &&
      Math.min(FIRST_LOOK_MS * 1.5 ** (state.dataUpdateCount + state.errorUpdateCount), LAST_LOOK_MS),
  })
  const sentences = {
    processing: upload.processing(data.progress),
    ready: upload.published,
    failed: upload.processingFailed(data.reason ?? ''),
  }
  return (
    <article className={styles.card} aria-label={data.title}>
      <VideoCard video={data} isWide />
      <p role="status" className={styles.soft}>
        {sentences[data.state]}
      </p>
      {item.coverError !== undefined && (
        <p role="alert" className={styles.refusal}>
          {upload.coverFailed}
          <Button onClick={() => void queue.setCover(item.key)}>{states.tryAgain}</Button>
        </p>
      )}
      <div className={styles.actions}>
        <Link to="/watch/$id" params={{ id: data.id }} className={styles.link}>
          {upload.watch}
        </Link>
        <Button onClick={() => queue.remove(item.key)}>{upload.offList}</Button>
      </div>
    </article>
  )
}
