import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useId, useState } from 'react'
import { api, session } from '../api/client.ts'
import { problemOf } from '../api/problem.ts'
import { useText } from '../i18n/language.tsx'
import { Button } from '../ui/button.tsx'
import { useReason } from '../ui/states.tsx'
import { useTitle } from '../ui/use-title.ts'
import styles from './account.module.css'

/** Logs in or registers, and goes on to where one was. */
export function AccountForm({ purpose, to = '/' }: { purpose: 'logIn' | 'register'; to?: string | undefined }) {
  const { account } = useText()
  const navigate = useNavigate()
  const [needsCode, setNeedsCode] = useState(false)
  const title = purpose === 'logIn' ? account.logInTitle : account.registerTitle
  useTitle(title)
  const { mutate, error, isPending } = useMutation({
    meta: { inPlace: true },
    mutationFn: (form: FormData) => {
      const [username, password] = [String(form.get('username')), String(form.get('password'))]
      if (purpose === 'register') return api.users.register({ username, password })
      const code = String(form.get('code') ?? '').replaceAll(' ', '')
      return api.sessions.logIn({ username, password, ...(code && { code }) })
    },
    onSuccess: async (answer) => {
      session.begin(answer)
      await navigate({ href: to, replace: true })
    },
    onError: (refusal) => {
      if (problemOf(refusal)?.code === 'mfa_code_missing') setNeedsCode(true)
    },
  })
  return (
    <div className={styles.page}>
      <h1>{title}</h1>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          mutate(new FormData(event.currentTarget))
        }}
      >
        <Field label={account.username} rule={purpose === 'register' ? account.usernameRule : undefined}>
          {(described) => (
            <input
              {...described}
              name="username"
              autoComplete="username"
              required
              maxLength={64}
              autoCapitalize="none"
            />
          )}
        </Field>
        <PasswordField purpose={purpose} />
        {needsCode && (
          <Field label={account.code}>
            {(described) => <input {...described} name="code" autoComplete="one-time-code" required maxLength={40} />}
          </Field>
        )}
        {error && <Refusal error={error} />}
        <Button type="submit" kind="main" disabled={isPending}>
          {account[purpose]}
        </Button>
      </form>
      {purpose === 'logIn' ? (
        <Link to="/register" search={{ to }} className={styles.other}>
          {account.toRegister}
        </Link>
      ) : (
        <Link to="/login" search={{ to }} className={styles.other}>
          {account.toLogIn}
        </Link>
      )}
    </div>
  )
}

function PasswordField({ purpose }: { purpose: 'logIn' | 'register' }) {
  const { account } = useText()
  const [isShown, setShown] = useState(false)
  return (
    <>
      <Field label={account.password} rule={purpose === 'register' ? account.passwordRule : undefined}>
        {(described) => (
          <input
            {...described}
            name="password"
            type={isShown ? 'text' : 'password'}
            autoComplete={purpose === 'logIn' ? 'current-password' : 'new-password'}
            required
            maxLength={256}
          />
        )}
      </Field>
      <label className={styles.show}>
        <input type="checkbox" checked={isShown} onChange={() => setShown(!isShown)} />
        {account.showPassword}
      </label>
    </>
  )
}

function Field({
  label,
  rule,
  children,
}: {
  label: string
  rule?: string | undefined
  children: (described: { id: string; 'aria-describedby'?: string }) => ReactNode
}) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children({ id, ...(rule && { 'aria-describedby': `${id}-rule` }) })}
      {rule && <small id={`${id}-rule`}>{rule}</small>}
    </div>
  )
}

function Refusal({ error }: { error: Error }) {
  const { account } = useText()
  const reason = useReason(error)
  const problems: Record<string, string> = account.problems
  return (
    <p role="alert" className={styles.refusal}>
      {problems[problemOf(error)?.code ?? ''] ?? reason}
    </p>
  )
}
