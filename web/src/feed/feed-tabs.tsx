import { Link } from '@tanstack/react-router'
import { feeds } from '../frame/places.ts'
import { useText } from '../i18n/language.tsx'
import styles from './feed-tabs.module.css'

/** From one feed to the others, where there is no rail that leads there. */
export function FeedTabs() {
  const { site } = useText()
  return (
    <nav className={styles.tabs} aria-label={site.feeds}>
      {feeds.map(({ to, name }) => (
        <Link key={to} to={to} activeOptions={{ exact: to === '/', includeSearch: false }}>
          {site[name]}
        </Link>
      ))}
    </nav>
  )
}
