import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { problemOf } from '../api/problem.ts'
import { useText } from '../i18n/language.tsx'
import styles from './states.module.css'

/** Says what there is not, and what to do about it; `action` is a link there. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.state}>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  )
}

/** Says in words what went wrong. */
export function Failure({
  error,
  reason,
  onRetry,
}: {
  error: unknown
  /** Instead of what is said of such errors elsewhere. */
  reason?: string
  onRetry?: () => void
}) {
  const text = useText()
  const usual = useReason(error)
  const problem = problemOf(error)
  if (problem?.status === 404) return <NotFound />
  return (
    <div className={styles.state} role="alert">
      <h2>{text.states.failed}</h2>
      <p>{reason ?? usual}</p>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          {text.states.tryAgain}
        </button>
      )}
      {problem?.requestId && (
        <p className={styles.small}>
          {text.states.requestId} {problem.requestId}
        </p>
      )}
    </div>
  )
}

/** What went wrong, in a sentence. */
export function useReason(error: unknown): string {
  const { states } = useText()
  const problem = problemOf(error)
  if (problem === undefined) return navigator.onLine ? states.unavailable : states.offline
  if (problem.status === 429) return states.tooMany(Math.max(1, Math.ceil(problem.retryAfterSeconds ?? 1)))
  return problem.status >= 500 ? states.unavailable : (problem.detail ?? states.failed)
}

export function NotFound() {
  const { states } = useText()
  return (
    <div className={styles.state}>
      <h1>{states.notFoundTitle}</h1>
      <p>{states.notFound}</p>
      <Link to="/">{states.home}</Link>
    </div>
  )
}

/** Holds the place of something that is on its way. */
export function Skeleton({ shape }: { shape: 'card' | 'line' | 'person' | 'player' }) {
  return <div className={styles.skeleton} data-shape={shape} aria-hidden="true" />
}

/** Skeletons in the form of what they stand for, announced once. */
export function Loading({ shape, count }: { shape: 'card' | 'line' | 'person' | 'player'; count: number }) {
  const { states } = useText()
  return (
    <>
      <p className="unseen" role="status">
        {states.loading}
      </p>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <Skeleton key={index} shape={shape} />
      ))}
    </>
  )
}
