import { createFileRoute } from '@tanstack/react-router'
import { AccountForm } from '../account/account-form.tsx'
import { readReturnPath } from '../account/return-path.ts'

export const Route = createFileRoute('/register')({
  validateSearch: readReturnPath,
  component: RegisterPage,
})

function RegisterPage() {
  return <AccountForm purpose="register" to={Route.useSearch().to} />
}
