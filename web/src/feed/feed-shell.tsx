import type { ReactNode } from 'react'
import styles from './feed.module.css'
import { FeedTabs } from './feed-tabs.tsx'

/** The dark page of a feed: `note` stands in its middle where there are no videos to show. */
export function FeedShell({ title, note, children }: { title: string; note?: ReactNode; children?: ReactNode }) {
  return (
    <section className={styles.feed} aria-label={title}>
      <h1 className="unseen">{title}</h1>
      <FeedTabs />
      {children}
      {note && <div className={styles.note}>{note}</div>}
    </section>
  )
}
