import type { V1FeedItem } from '@fanone/contracts/gateway'
import { type InfiniteData, type UseInfiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useText } from '../i18n/language.tsx'
import { IconButton } from '../ui/button.tsx'
import { Failure, Loading } from '../ui/states.tsx'
import styles from './feed.module.css'
import { FeedShell } from './feed-shell.tsx'
import { KeyMap } from './key-map.tsx'
import { Slide } from './slide.tsx'
import { useFeedKeys } from './use-feed-keys.ts'
import { useMuted } from './use-muted.ts'

interface FeedPage {
  items: V1FeedItem[]
  nextCursor: string | null
}

/** Slides beside the one in view that are drawn, so that at most three players live. */
const NEIGHBOURS = 1
/** The next page is fetched when so few videos are left. */
const FETCH_WHEN_LEFT = 5

/** Where each feed was left; going back comes to the same video. */
const positions = new Map<string, number>()

/**
 * Videos as high as the view, one below the other. The one in view plays; wheel, finger and keys
 * move by one.
 *
 * @param props.name of the feed, under which its position is kept
 */
export function Feed({
  name,
  title,
  options,
  whenEmpty,
  children,
}: {
  name: string
  title: string
  // biome-ignore lint/suspicious/noExplicitAny: the key and the error are the query library's own
  options: UseInfiniteQueryOptions<FeedPage, any, InfiniteData<FeedPage>, any, string | undefined>
  whenEmpty: ReactNode
  children?: ReactNode
}) {
  const text = useText()
  const { data, error, isPending, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(options)
  const videos = data?.pages.flatMap(({ items }) => items) ?? []
  const list = useRef<HTMLOListElement>(null)
  const [position, setPosition] = useState(positions.get(name) ?? 0)
  // The list may have become shorter since it was left.
  const current = Math.max(0, Math.min(position, videos.length - 1))
  const [isHelpOpen, setHelpOpen] = useState(false)
  const sound = useMuted()
  const hasVideos = videos.length > 0

  useLayoutEffect(() => {
    const { current: element } = list
    if (element && hasVideos) element.scrollTop = (positions.get(name) ?? 0) * element.clientHeight
  }, [hasVideos, name])
  useEffect(() => void positions.set(name, position), [name, position])
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && videos.length - current <= FETCH_WHEN_LEFT) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, videos.length, current, fetchNextPage])

  const move = (by: number) => {
    const { current: element } = list
    const target = Math.min(Math.max(0, current + by), videos.length - 1)
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches
    element?.scrollTo({ top: target * element.clientHeight, behavior: isCalm ? 'instant' : 'smooth' })
  }
  useFeedKeys({ onMove: move, onMute: sound.toggle, onHelp: () => setHelpOpen(true) })

  const note = isPending ? (
    <Loading shape="player" count={1} />
  ) : error ? (
    <Failure error={error} onRetry={() => void refetch()} />
  ) : (
    whenEmpty
  )
  return (
    <FeedShell title={title} note={hasVideos ? undefined : note}>
      {children}
      <ol
        ref={list}
        className={styles.list}
        hidden={!hasVideos}
        onScroll={({ currentTarget }) => setPosition(Math.round(currentTarget.scrollTop / currentTarget.clientHeight))}
      >
        {videos.map((video, index) => (
          <li key={video.id} className={styles.place}>
            {Math.abs(index - current) <= NEIGHBOURS && (
              <Slide video={video} distance={index - current} isMuted={sound.isMuted} onMute={sound.toggle} />
            )}
          </li>
        ))}
      </ol>
      {hasVideos && (
        <div className={styles.moving}>
          <IconButton icon="up" label={text.feed.previous} disabled={current === 0} onClick={() => move(-1)} />
          <IconButton
            icon="down"
            label={text.feed.next}
            disabled={current >= videos.length - 1}
            onClick={() => move(1)}
          />
          <IconButton icon="keyboard" label={text.keys.open} onClick={() => setHelpOpen(true)} />
        </div>
      )}
      {isHelpOpen && <KeyMap onClose={() => setHelpOpen(false)} />}
    </FeedShell>
  )
}
