import { createFileRoute, redirect } from '@tanstack/react-router'
import { session } from '../api/client.ts'
import { SettingsPage } from '../settings/settings-page.tsx'

export const Route = createFileRoute('/settings')({
  beforeLoad: async ({ location }) => {
    await session.token().catch(() => undefined)
    if (session.current().state === 'visitor') throw redirect({ to: '/login', search: { to: location.href } })
  },
  component: SettingsPage,
})
