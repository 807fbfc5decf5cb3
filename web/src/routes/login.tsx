import { createFileRoute } from '@tanstack/react-router'
import { AccountForm } from '../account/account-form.tsx'
import { readReturnPath } from '../account/return-path.ts'

export const Route = createFileRoute('/login')({
  validateSearch: (search: Record<string, unknown>): { to?: string; by?: 'phone' } => ({
    ...readReturnPath(search),
    ...(search.by === 'phone' && { by: search.by }),
  }),
  component: LogInPage,
})

function LogInPage() {
  const { to, by } = Route.useSearch()
  return <AccountForm key={by} purpose="logIn" by={by} to={to} />
}
