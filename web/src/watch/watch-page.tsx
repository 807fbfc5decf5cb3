import type { V1Video } from '@fanone/contracts/gateway'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { FollowButton } from '../actions/follow-button.tsx'
import { LikeButton } from '../actions/like-button.tsx'
import { api, query } from '../api/client.ts'
import { ShareLink } from '../feed/share-link.tsx'
import { useFormats } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import { Player } from '../player/player.tsx'
import { Avatar } from '../ui/avatar.tsx'
import { Skeleton } from '../ui/states.tsx'
import { useTitle } from '../ui/use-title.ts'
import { Comments } from './comments.tsx'
import { Similar } from './similar.tsx'
import styles from './watch.module.css'

/** A video with what is said about it. */
export function WatchPage({ video, startSeconds }: { video: V1Video; startSeconds?: number | undefined }) {
  const { watch, player } = useText()
  useTitle(video.title)
  return (
    <div className={styles.page}>
      <div className={styles.main}>
        <Player
          video={video}
          startSeconds={startSeconds}
          onStarted={() => void api.visits.record({ id: video.id }).catch(() => undefined)}
        />
        {video.state === 'processing' && <p className={styles.note}>{player.processing(video.progress)}</p>}
        {video.state === 'failed' && <p className={styles.note}>{player.failed}</p>}
        <h1 className={styles.title}>
          <bdi>{video.title}</bdi>
        </h1>
        <Facts video={video} />
        <Author id={video.authorId} />
        <p className={styles.description}>{video.description || watch.noDescription}</p>
        <Comments videoId={video.id} total={video.counters.comments} />
      </div>
      <Similar videoId={video.id} />
    </div>
  )
}

function Facts({ video }: { video: V1Video }) {
  const { watch } = useText()
  const { count, ago, moment } = useFormats()
  const { visits } = video.counters
  return (
    <div className={styles.facts}>
      <span>{watch.visits(visits, count(visits))}</span>
      <time dateTime={video.createdAt} title={moment(video.createdAt)}>
        {ago(video.createdAt)}
      </time>
      <span className={styles.likes}>
        <LikeButton video={video} />
      </span>
      <span className={styles.share}>
        <ShareLink path={`/watch/${video.id}`} />
      </span>
    </div>
  )
}

function Author({ id }: { id: number }) {
  const { people } = useText()
  const { count } = useFormats()
  const { data } = useQuery(query.users.get.queryOptions({ input: { id } }))
  if (!data) return <Skeleton shape="person" />
  return (
    <div className={styles.by}>
      <Link to="/u/$id" params={{ id }} className={styles.author}>
        <Avatar url={data.avatarUrl} />
        <span>
          <bdi>{data.name}</bdi>
          <small>{people.works(data.counters.works, count(data.counters.works))}</small>
        </span>
      </Link>
      <FollowButton user={data} />
    </div>
  )
}
