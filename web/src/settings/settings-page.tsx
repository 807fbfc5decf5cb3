import { Link, Outlet, useLocation, useRouter } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useText } from '../i18n/language.tsx'
import { useSession } from '../session/use-session.ts'
import { Loading } from '../ui/states.tsx'
import { useTitle } from '../ui/use-title.ts'
import styles from './settings.module.css'

const parts = [
  { to: '/settings/profile', name: 'profile' },
  { to: '/settings/password', name: 'password' },
  { to: '/settings/phone', name: 'phone' },
  { to: '/settings/two-step', name: 'twoStep' },
  { to: '/settings/passkeys', name: 'passkeys' },
  { to: '/settings/sessions', name: 'sessions' },
  { to: '/settings/activity', name: 'activity' },
] as const

/** What members change about their account; who is none is led to log in and back. */
export function SettingsPage() {
  const { settings } = useText()
  const { pathname } = useLocation()
  const router = useRouter()
  const { state } = useSession()
  const nav = useRef<HTMLElement>(null)
  useTitle(settings.title)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another path is another chosen part
  useEffect(() => {
    nav.current?.querySelector('.active')?.scrollIntoView({ inline: 'center', block: 'nearest' })
  }, [pathname])
  // Who logs out here, or in another tab, is led away as who comes logged out.
  useEffect(() => {
    if (state === 'visitor') void router.invalidate()
  }, [state, router])
  return (
    <div className={styles.page}>
      <h1>{settings.title}</h1>
      <nav ref={nav} className={styles.parts} aria-label={settings.title}>
        {parts.map(({ to, name }) => (
          <Link key={to} to={to} replace>
            {settings.parts[name]}
          </Link>
        ))}
      </nav>
      <div className={styles.part}>{state === 'member' ? <Outlet /> : <Loading shape="line" count={4} />}</div>
    </div>
  )
}
