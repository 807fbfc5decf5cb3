import type { V1Comment } from '@fanone/contracts/gateway'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { pages } from '../api/pages.ts'
import { useFormats } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icon.tsx'
import { More } from '../ui/more.tsx'
import { Failure, Loading } from '../ui/states.tsx'
import { CommentForm } from './comment-form.tsx'
import styles from './comments.module.css'

/** What people say about a video; replies are fetched when somebody wants to read them. */
export function Comments({ videoId, total }: { videoId: number; total: number }) {
  const { watch } = useText()
  const { count } = useFormats()
  const list = useInfiniteQuery(pages.comments(videoId))
  const { data, error, isPending, refetch } = list
  const comments = data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <section className={styles.comments}>
      <h2>{watch.comments(total, count(total))}</h2>
      <CommentForm videoId={videoId} />
      {isPending && <Loading shape="line" count={3} />}
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {data && comments.length === 0 && <p className={styles.none}>{watch.noComments}</p>}
      <ul>
        {comments.map((comment) => (
          <li key={comment.id}>
            <Comment comment={comment} />
            {comment.counters.comments > 0 && <Replies comment={comment} />}
          </li>
        ))}
      </ul>
      <More list={list} label={watch.more} />
    </section>
  )
}

function Replies({ comment }: { comment: V1Comment }) {
  const { watch } = useText()
  const { count } = useFormats()
  const [isOpen, setOpen] = useState(false)
  const { data, error, isFetching, refetch, fetchNextPage, hasNextPage } = useInfiniteQuery({
    ...pages.replies(comment.id),
    enabled: isOpen,
  })
  const total = comment.counters.comments
  return (
    <div className={styles.replies}>
      <button type="button" className={styles.more} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? watch.hideReplies : watch.replies(total, count(total))}
      </button>
      {isOpen && (
        <>
          {isFetching && !data && <Loading shape="line" count={1} />}
          {error && <Failure error={error} onRetry={() => void refetch()} />}
          <ul>
            {data?.pages
              .flatMap(({ items }) => items)
              .map((reply) => (
                <li key={reply.id}>
                  <Comment comment={reply} />
                </li>
              ))}
          </ul>
          {hasNextPage && (
            <button type="button" className={styles.more} disabled={isFetching} onClick={() => void fetchNextPage()}>
              {watch.moreReplies}
            </button>
          )}
        </>
      )}
    </div>
  )
}

function Comment({ comment: { author, text, createdAt, counters, isLiked } }: { comment: V1Comment }) {
  const { feed } = useText()
  const { ago, moment, count } = useFormats()
  return (
    <article className={styles.comment}>
      <Avatar url={author.avatarUrl} size={32} />
      <div>
        <p className={styles.who}>
          <Link to="/u/$id" params={{ id: author.id }}>
            <bdi>{author.name}</bdi>
          </Link>
          <time dateTime={createdAt} title={moment(createdAt)}>
            {ago(createdAt)}
          </time>
        </p>
        <p className={styles.text}>
          <bdi>{text}</bdi>
        </p>
        {counters.likes > 0 && (
          <p className={styles.likes}>
            <Icon name="heart" filled={isLiked} />
            <span aria-hidden="true">{count(counters.likes)}</span>
            <span className="unseen">{feed.likes(count(counters.likes))}</span>
          </p>
        )}
      </div>
    </article>
  )
}
