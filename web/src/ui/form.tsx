import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { problemOf } from '../api/problem.ts'
import { useText } from '../i18n/language.tsx'
import { Button } from './button.tsx'
import styles from './form.module.css'
import { useReason } from './states.tsx'

/** What a form needs of the mutation that it sends its fields with. */
interface Sending {
  mutate: (form: FormData, options: { onSuccess: () => void }) => void
  error: Error | null
  isPending: boolean
  isSuccess: boolean
}

/**
 * Fields with the button that sends them. What was typed stays where it is refused, and the reason
 * stands above the button.
 *
 * @param props.action what the button says
 * @param props.done what is said once it was accepted
 * @param props.isSecret empties the fields then
 */
export function Form({
  sending,
  action,
  done,
  isSecret = false,
  children,
}: {
  sending: Sending
  action: string
  done?: string
  isSecret?: boolean
  children: ReactNode
}) {
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        const { currentTarget: form } = event
        sending.mutate(new FormData(form), { onSuccess: () => isSecret && form.reset() })
      }}
    >
      {children}
      {sending.error && <Refusal error={sending.error} />}
      <p role="status" className={styles.done}>
        {sending.isSuccess ? done : undefined}
      </p>
      <Button type="submit" kind="main" disabled={sending.isPending}>
        {action}
      </Button>
    </form>
  )
}

/** A label above, the rule below, and between them what the child makes with their ids. */
export function Field({
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

/** A password, one's own or a new one. */
export function PasswordField({ name, label, isNew = false }: { name: string; label: string; isNew?: boolean }) {
  const { account } = useText()
  const [isShown, setShown] = useState(false)
  const toggle = isShown ? account.hide : account.show
  return (
    <Field label={label} rule={isNew ? account.passwordRule : undefined}>
      {(described) => (
        <div className={styles.secret}>
          <input
            {...described}
            name={name}
            type={isShown ? 'text' : 'password'}
            autoComplete={isNew ? 'new-password' : 'current-password'}
            required
            maxLength={256}
          />
          <button type="button" aria-label={`${toggle} ${label}`} onClick={() => setShown(!isShown)}>
            {toggle}
          </button>
        </div>
      )}
    </Field>
  )
}

/**
 * Whether a form asks for a code of the second factor: from the refusal on that wants one.
 *
 * @returns it, what looks at refusals, and what forgets them
 */
export function useMfaAsked(): [isAsked: boolean, onError: (refusal: Error) => void, forget: () => void] {
  const [isAsked, setAsked] = useState(false)
  const onError = (refusal: Error) => {
    if (problemOf(refusal)?.code === 'mfa_code_missing') setAsked(true)
  }
  return [isAsked, onError, () => setAsked(false)]
}

/** A code of the second factor. It has the focus where it was asked for by a refusal. */
export function MfaField({ isNext = false }: { isNext?: boolean }) {
  const { account } = useText()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (isNext) input.current?.focus()
  }, [isNext])
  return (
    <Field label={account.code}>
      {(described) => (
        <input {...described} ref={input} name="mfaCode" autoComplete="one-time-code" required maxLength={40} />
      )}
    </Field>
  )
}

/** A code as the API takes it: apps and people write it in groups. */
export const codeOf = (form: FormData, name: string) => String(form.get(name) ?? '').replaceAll(/\s/g, '')

export function Refusal({ error }: { error: Error }) {
  const { account } = useText()
  const reason = useReason(error)
  const problems: Record<string, string> = account.problems
  return (
    <p role="alert" className={styles.refusal}>
      {problems[problemOf(error)?.code ?? error.name] ?? reason}
    </p>
  )
}
