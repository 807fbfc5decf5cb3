import type { V1FeedItem } from '@fanone/contracts/gateway'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { LikeButton } from '../actions/like-button.tsx'
import { useFormats } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icon.tsx'
import { ShareLink } from './share-link.tsx'
import styles from './slide.module.css'
import { usePlayback } from './use-playback.ts'

interface Props {
  video: V1FeedItem
  /** From the one in view: 0 plays, 1 comes next and is loaded. */
  distance: number
  isMuted: boolean
  onMute: () => void
}

/** One video of a feed. */
export function Slide({ video, distance, isMuted, onMute }: Props) {
  const { feed } = useText()
  const isCurrent = distance === 0
  const element = useRef<HTMLVideoElement>(null)
  const { isPaused, isBroken, toggle } = usePlayback(element, { video, isCurrent, isMuted })
  return (
    <article className={styles.slide} aria-label={video.title} inert={!isCurrent}>
      <video
        ref={element}
        className={styles.video}
        poster={video.coverUrl}
        preload={distance < 0 ? 'none' : 'auto'}
        muted={isMuted}
        loop
        playsInline
      />
      <button type="button" className={styles.surface} aria-label={isPaused ? feed.play : feed.pause} onClick={toggle}>
        {isPaused && !isBroken && <Icon name="play" filled />}
        {isBroken && <span className={styles.broken}>{feed.cannotPlay}</span>}
      </button>
      <About video={video} />
      <Actions video={video} isMuted={isMuted} onMute={onMute} />
      {isCurrent && <Progress of={element} />}
    </article>
  )
}

function About({ video }: { video: V1FeedItem }) {
  const { feed } = useText()
  const { ago, moment } = useFormats()
  const { author } = video
  return (
    <div className={styles.about}>
      <Link to="/u/$id" params={{ id: author.id }} className={styles.author}>
        <Avatar url={author.avatarUrl} />
        <bdi>{author.name}</bdi>
      </Link>
      <Link to="/watch/$id" params={{ id: video.id }} className={styles.title} title={feed.watch}>
        <bdi>{video.title}</bdi>
      </Link>
      <time dateTime={video.createdAt} title={moment(video.createdAt)}>
        {ago(video.createdAt)}
      </time>
    </div>
  )
}

function Actions({ video, isMuted, onMute }: Pick<Props, 'video' | 'isMuted' | 'onMute'>) {
  const { feed } = useText()
  const { count } = useFormats()
  const { comments } = video.counters
  return (
    <div className={styles.actions}>
      <LikeButton video={video} />
      <Link to="/watch/$id" params={{ id: video.id }} aria-label={feed.comments(count(comments))}>
        <Icon name="comment" />
        <span aria-hidden="true">{count(comments)}</span>
      </Link>
      <ShareLink path={`/watch/${video.id}`} />
      <button type="button" aria-label={isMuted ? feed.unmute : feed.mute} onClick={onMute}>
        <Icon name={isMuted ? 'muted' : 'sound'} />
      </button>
    </div>
  )
}

/** How far the video is; without it one does not know how long a loop takes. */
function Progress({ of: element }: { of: React.RefObject<HTMLVideoElement | null> }) {
  const [share, setShare] = useState(0)
  useEffect(() => {
    const video = element.current
    const update = () => video && setShare(video.duration > 0 ? video.currentTime / video.duration : 0)
    video?.addEventListener('timeupdate', update)
    return () => video?.removeEventListener('timeupdate', update)
  }, [element])
  return <div className={styles.progress} style={{ transform: `scaleX(${share})` }} aria-hidden="true" />
}
