import { useMutation } from '@tanstack/react-query'
import { useEffect, useId, useRef, useState } from 'react'
import { useSpoken } from '../i18n/language.tsx'
import { Button } from '../ui/button.tsx'
import { Field, Refusal } from '../ui/form.tsx'
import styles from './account.module.css'
import { e164 } from './phone-number.ts'

/** How long no other code is sent to a number. */
const NEXT_CODE_SECONDS = 60

/**
 * A number and the code that is sent to it, as the fields `phone` and `code` of a form.
 *
 * @param props.onAsk has a code sent to a number
 */
export function PhoneCodeFields({ onAsk }: { onAsk: (phone: string) => Promise<unknown> }) {
  const { language, text } = useSpoken()
  const [typed, setTyped] = useState(language === 'zh-CN' ? '+86 ' : '')
  return (
    <>
      <input type="hidden" name="phone" value={e164(typed)} />
      <Field label={text.account.phone} rule={text.account.phoneRule}>
        {(described) => (
          <input
            {...described}
            type="tel"
            autoComplete="tel"
            required
            maxLength={24}
            placeholder="+86 138 0013 8000"
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
          />
        )}
      </Field>
      <CodeField
        name="code"
        label={text.account.phoneCode}
        isAskable={e164(typed).length > 7}
        onAsk={() => onAsk(e164(typed))}
      />
    </>
  )
}

/** A code of six digits beside the button that has it sent. */
export function CodeField({
  name,
  label,
  isAskable = true,
  onAsk,
}: {
  name: string
  label: string
  isAskable?: boolean
  onAsk: () => Promise<unknown>
}) {
  const { text } = useSpoken()
  const { account } = text
  const input = useRef<HTMLInputElement>(null)
  const [left, setLeft] = useState(0)
  const status = useId()
  const { mutate, error, isPending, isSuccess } = useMutation({
    meta: { inPlace: true },
    mutationFn: onAsk,
    onSuccess: () => {
      setLeft(NEXT_CODE_SECONDS)
      input.current?.focus()
    },
  })
  useEffect(() => {
    if (left === 0) return
    const timer = setTimeout(() => setLeft(left - 1), 1_000)
    return () => clearTimeout(timer)
  }, [left])
  return (
    <>
      <div className={styles.asking}>
        <Field label={label}>
          {({ id }) => (
            <input
              id={id}
              ref={input}
              name={name}
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              maxLength={10}
              aria-describedby={status}
            />
          )}
        </Field>
        <Button disabled={!isAskable || isPending || left > 0} onClick={() => mutate()}>
          {left > 0 ? account.codeAgain(left) : account.sendCode}
        </Button>
      </div>
      {error && <Refusal error={error} />}
      <p id={status} role="status" className={isSuccess ? styles.soft : 'unseen'}>
        {isSuccess && account.codeSent}
      </p>
    </>
  )
}
