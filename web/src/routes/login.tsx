import { createFileRoute } from '@tanstack/react-router'
import { AccountForm } from '../account/account-form.tsx'
import { readReturnPath } from '../account/return-path.ts'

export const Route = createFileRoute('/login')({
  validateSearch: readReturnPath,
  component: LogInPage,
})

function LogInPage() {
  return <AccountForm purpose="logIn" to={Route.useSearch().to} />
}
