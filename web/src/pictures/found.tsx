import type { V1FoundPicture } from '@fanone/contracts/gateway'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { problemOf } from '../api/problem.ts'
import { duration, useFormats } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import { Avatar } from '../ui/avatar.tsx'
import { Empty, Failure, Loading } from '../ui/states.tsx'
import { VideoCard } from '../ui/video-card.tsx'
import styles from './pictures.module.css'

const MOST = 40
const SKELETONS = 6
/** Below it, what was found shows something else more often than not: docs/image-search.md. */
const LIKELY = 0.6

/** What looks like a picture, the most alike first. */
export function Found({ picture, searchKey }: { picture: Blob; searchKey: string }) {
  const { pictures } = useText()
  const { data, error, refetch } = useQuery({
    queryKey: ['pictures', searchKey],
    queryFn: () =>
      api.pictures.search({ file: new File([picture], 'picture.jpg', { type: picture.type }), limit: MOST }),
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (problemOf(error)?.status === 503)
    return <Failure error={error} reason={pictures.away} onRetry={() => void refetch()} />
  if (error) return <Failure error={error} onRetry={() => void refetch()} />
  if (!data)
    return (
      <div className={styles.grid}>
        <Loading shape="card" count={SKELETONS} />
      </div>
    )
  if (data.items.length === 0) return <Empty title={pictures.noneTitle}>{pictures.none}</Empty>
  return (
    <>
      <Results title={pictures.likely} items={data.items.filter(({ score }) => score >= LIKELY)} />
      <Results title={pictures.unlikely} items={data.items.filter(({ score }) => score < LIKELY)} />
    </>
  )
}

function Results({ title, items }: { title: string; items: V1FoundPicture[] }) {
  if (items.length === 0) return null
  return (
    <section className={styles.results} aria-label={title}>
      <h2>{title}</h2>
      <ul className={styles.grid}>
        {items.map((item) => (
          <li key={`${item.kind} ${item.video?.id ?? item.user?.id} ${item.timeMs}`}>
            <Result item={item} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Result({ item: { score, kind, timeMs, video, user } }: { item: V1FoundPicture }) {
  const { pictures } = useText()
  const { percent } = useFormats()
  const alike = pictures.alike(percent(Math.max(0, score)))
  if (video) {
    const seconds = timeMs === null ? undefined : timeMs / 1_000
    const where = seconds === undefined ? pictures.cover : pictures.at(duration(seconds))
    return <VideoCard video={video} startSeconds={seconds} note={`${alike} · ${where}`} />
  }
  if (!user) return null
  return (
    <Link to="/u/$id" params={{ id: user.id }} className={styles.person}>
      <Avatar url={user.avatarUrl} size={96} />
      <bdi>{user.name}</bdi>
      <small>
        {alike} · {pictures[kind]}
      </small>
    </Link>
  )
}
