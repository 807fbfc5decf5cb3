import { useEffect, useSyncExternalStore } from 'react'
import styles from './notice.module.css'
import { lastRefusal, onRefusal, say } from './notices.ts'
import { useReason } from './states.tsx'

const SHOWN_MS = 6_000

/** Says for some seconds why something was refused that had been shown as done. */
export function Notice() {
  const error = useSyncExternalStore(onRefusal, lastRefusal)
  const reason = useReason(error)
  useEffect(() => {
    if (error === undefined) return
    const timer = setTimeout(() => say(undefined), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [error])
  return (
    <div role="status" className={styles.place}>
      {error !== undefined && <p className={styles.notice}>{reason}</p>}
    </div>
  )
}
