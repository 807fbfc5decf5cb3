import { useLocation, useNavigate } from '@tanstack/react-router'
import { useSession } from '../session/use-session.ts'

/** Lets members act, and sends visitors to log in and back. */
export function useMember() {
  const current = useSession()
  const navigate = useNavigate()
  const { href } = useLocation()
  return (act: () => void) => {
    if (current.state === 'member') act()
    else void navigate({ to: '/login', search: { to: href } })
  }
}
