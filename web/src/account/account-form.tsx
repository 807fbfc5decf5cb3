import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { api, session } from '../api/client.ts'
import { useText } from '../i18n/language.tsx'
import { PasskeyLogIn } from '../passkeys/log-in-button.tsx'
import { codeOf, Field, Form, MfaField, PasswordField, useMfaAsked } from '../ui/form.tsx'
import { useTitle } from '../ui/use-title.ts'
import styles from './account.module.css'
import { PhoneCodeFields } from './phone-code-fields.tsx'

interface Props {
  purpose: 'logIn' | 'register'
  /** What one logs in with. */
  by?: 'password' | 'phone' | undefined
  /** Where to go on. */
  to?: string | undefined
}

/** Logs in or registers, and goes on to where one was. */
export function AccountForm({ purpose, by = 'password', to = '/' }: Props) {
  const { account } = useText()
  const navigate = useNavigate()
  const [needsCode, onError] = useMfaAsked()
  const title = purpose === 'logIn' ? account.logInTitle : account.registerTitle
  useTitle(title)
  const sending = useMutation({
    meta: { inPlace: true },
    mutationFn: (form: FormData) => open(form, { purpose, by }),
    onSuccess: async (answer) => {
      session.begin(answer)
      await navigate({ href: to, replace: true })
    },
    onError,
  })
  const isNew = purpose === 'register'
  return (
    <div className={styles.page}>
      <h1>{title}</h1>
      {!isNew && <Ways by={by} to={to} />}
      <Form sending={sending} action={by === 'phone' ? account.goOn : account[purpose]}>
        {by === 'phone' ? (
          <PhoneCodeFields onAsk={(phone) => api.phones.sendCode({ phone, purpose: 'sign_in' })} />
        ) : (
          <>
            <UsernameField isNew={isNew} />
            <PasswordField name="password" label={account.password} isNew={isNew} />
          </>
        )}
        {needsCode && <MfaField isNext />}
      </Form>
      {!isNew && by === 'password' && <PasskeyLogIn to={to} />}
      <div className={styles.others}>
        {by === 'phone' && <p className={styles.soft}>{account.phoneMakesAccount}</p>}
        {!isNew && by === 'password' && <Link to="/recover">{account.forgotten}</Link>}
        <Link to={isNew ? '/login' : '/register'} search={{ to }}>
          {isNew ? account.toLogIn : account.toRegister}
        </Link>
      </div>
    </div>
  )
}

function open(form: FormData, { purpose, by }: Pick<Props, 'purpose' | 'by'>) {
  const mfaCode = codeOf(form, 'mfaCode')
  if (by === 'phone') {
    const shown = { phone: codeOf(form, 'phone'), code: codeOf(form, 'code') }
    return api.phones.signIn({ ...shown, ...(mfaCode && { mfaCode }) })
  }
  const [username, password] = [String(form.get('username')), String(form.get('password'))]
  if (purpose === 'register') return api.users.register({ username, password })
  return api.sessions.logIn({ username, password, ...(mfaCode && { code: mfaCode }) })
}

/** The ways to log in; each is an address, so that one can be linked to. */
function Ways({ by, to }: { by: Props['by']; to: string }) {
  const { account } = useText()
  return (
    <nav className={styles.ways} aria-label={account.ways}>
      {(['password', 'phone'] as const).map((way) => (
        <Link
          key={way}
          to="/login"
          search={{ to, ...(way === 'phone' && { by: way }) }}
          replace
          aria-current={way === by ? 'page' : undefined}
        >
          {account.wayNames[way]}
        </Link>
      ))}
    </nav>
  )
}

function UsernameField({ isNew }: { isNew: boolean }) {
  const { account } = useText()
  return (
    <Field label={account.username} rule={isNew ? account.usernameRule : undefined}>
      {(described) => (
        <input {...described} name="username" autoComplete="username" required maxLength={64} autoCapitalize="none" />
      )}
    </Field>
  )
}
