import { useEffect, useSyncExternalStore } from 'react'
import { session } from '../api/client.ts'
import type { Session } from './session.ts'

/** Who uses the site. The first one who asks finds out. */
export function useSession(): Session {
  const current = useSyncExternalStore(session.subscribe, session.current)
  useEffect(() => {
    if (current.state === 'unknown') void session.token().catch(() => undefined)
  }, [current.state])
  return current
}
