import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, query } from '../api/client.ts'
import { useText } from '../i18n/language.tsx'
import { useSession } from '../session/use-session.ts'
import { Form, PasswordField } from '../ui/form.tsx'
import { Empty, Failure, Loading } from '../ui/states.tsx'

/** A new password; who has none sets one with their phone. */
export function PasswordSettings() {
  const { settings } = useText()
  const { data, error, refetch } = useQuery(query.phones.status.queryOptions())
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />
  if (!data) return <Loading shape="line" count={2} />
  if (data.hasPassword) return <Change />
  return (
    <Empty title={settings.noPassword} action={<Link to="/recover">{settings.setPassword}</Link>}>
      {settings.noPasswordHint}
    </Empty>
  )
}

function Change() {
  const { account, settings } = useText()
  const current = useSession()
  const username = current.state === 'member' ? current.user.username : ''
  const sending = useMutation({
    meta: { inPlace: true },
    mutationFn: (form: FormData) =>
      api.users.changePassword({
        currentPassword: String(form.get('currentPassword')),
        newPassword: String(form.get('newPassword')),
      }),
  })
  return (
    <Form sending={sending} action={settings.changePassword} done={settings.passwordChanged} isSecret>
      {/* Password managers know by it whose password changes. */}
      <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
      <PasswordField name="currentPassword" label={settings.currentPassword} />
      <PasswordField name="newPassword" label={account.newPassword} isNew />
    </Form>
  )
}
