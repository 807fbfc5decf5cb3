import { Link, useLocation } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useText } from '../i18n/language.tsx'
import { useSession } from '../session/use-session.ts'
import { Icon } from '../ui/icon.tsx'
import { Notice } from '../ui/notice.tsx'
import styles from './frame.module.css'
import { feeds, places } from './places.ts'
import { Preferences } from './preferences.tsx'

/** A rail at the left from 1,024 px, a bar at the bottom below; the page beside or above it. */
export function Frame({ children }: { children: ReactNode }) {
  const { site } = useText()
  const isMember = useSession().state === 'member'
  const shown = places.filter((place) => isMember || !('isForMembers' in place))
  const [isChoosing, setChoosing] = useState(false)
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#content">
        {site.skip}
      </a>
      <nav className={styles.navigation} aria-label={site.navigation}>
        <Link to="/" className={styles.brand} aria-label={site.name}>
          <img src="/favicon.svg" alt="" width="32" height="32" />
          <span>{site.name}</span>
        </Link>
        <Home />
        {shown.map((place) => (
          <Link
            key={place.to}
            to={place.to}
            className={styles.place}
            activeOptions={{ exact: place.to === '/', includeSearch: false }}
            data-only={'isFeed' in place ? 'rail' : undefined}
          >
            <Icon name={place.icon} />
            <span>{site[place.name]}</span>
          </Link>
        ))}
        <Own />
        <button type="button" className={styles.place} data-last onClick={() => setChoosing(true)}>
          <Icon name="settings" />
          <span>{site.settings}</span>
        </button>
      </nav>
      <main id="content" className={styles.content} tabIndex={-1}>
        {children}
      </main>
      <Notice />
      {isChoosing && <Preferences onClose={() => setChoosing(false)} />}
    </div>
  )
}

/** All feeds, as the one place that a bar has for them. */
function Home() {
  const { site } = useText()
  const { pathname } = useLocation()
  const isFeed = feeds.some(({ to }) => to === pathname)
  return (
    <Link to="/" className={styles.place} data-only="bar" data-chosen={isFeed}>
      <Icon name="newest" />
      <span>{site.feeds}</span>
    </Link>
  )
}

/** One's own page, or the way to have one. */
function Own() {
  const { account } = useText()
  const { href } = useLocation()
  const current = useSession()
  const content = (name: string) => (
    <>
      <Icon name="person" />
      <span>{name}</span>
    </>
  )
  if (current.state === 'member')
    return (
      <Link
        to="/u/$id"
        params={{ id: current.user.id }}
        className={styles.place}
        activeOptions={{ includeSearch: false }}
      >
        {content(account.profile)}
      </Link>
    )
  return (
    <Link to="/login" search={{ to: href }} className={styles.place} activeOptions={{ includeSearch: false }}>
      {content(account.logIn)}
    </Link>
  )
}
