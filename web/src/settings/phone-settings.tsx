import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { CodeField, PhoneCodeFields } from '../account/phone-code-fields.tsx'
import { api, query } from '../api/client.ts'
import { useText } from '../i18n/language.tsx'
import { Button } from '../ui/button.tsx'
import { codeOf, Form, MfaField, PasswordField } from '../ui/form.tsx'
import { Failure, Loading } from '../ui/states.tsx'
import styles from './settings.module.css'

/** What opens the account, by which one shows that it is one's own. */
interface Ways {
  hasPassword: boolean
  needsMfaCode: boolean
}

/** The phone of the account: joined, changed and removed by who shows that the account is theirs. */
export function PhoneSettings() {
  const { settings } = useText()
  const phone = useQuery(query.phones.status.queryOptions())
  const totp = useQuery(query.totp.status.queryOptions())
  const error = phone.error ?? totp.error
  const retry = () => void Promise.all([phone.refetch(), totp.refetch()])
  if (error && !(phone.data && totp.data)) return <Failure error={error} onRetry={retry} />
  if (!phone.data || !totp.data) return <Loading shape="line" count={2} />
  const ways = { hasPassword: phone.data.hasPassword, needsMfaCode: totp.data.isBound }
  const { phone: number } = phone.data
  return (
    <>
      <section className={styles.section}>
        <h2>{number === null ? settings.noPhone : settings.yourPhone(number)}</h2>
        <p className={styles.soft}>{settings.phoneHint}</p>
      </section>
      <Join key={`join ${number}`} isChange={number !== null} ways={ways} />
      {number !== null && <Remove key={`remove ${number}`} ways={ways} />}
    </>
  )
}

/** Sends a form and reads the phone anew. */
function useSending(send: (form: FormData) => Promise<unknown>) {
  const client = useQueryClient()
  return useMutation({
    meta: { inPlace: true },
    mutationFn: send,
    onSuccess: () => client.invalidateQueries({ queryKey: query.phones.status.key() }),
  })
}

function Join({ isChange, ways }: { isChange: boolean; ways: Ways }) {
  const { settings } = useText()
  const [isOpen, setOpen] = useState(false)
  const sending = useSending((form) =>
    api.phones.join({ phone: codeOf(form, 'phone'), code: codeOf(form, 'code'), ...proofOf(form) }),
  )
  const action = isChange ? settings.changePhone : settings.addPhone
  if (!isOpen) return <OpenButton label={action} onOpen={() => setOpen(true)} />
  return (
    <section className={styles.section}>
      <h2>{action}</h2>
      <Form sending={sending} action={action}>
        <PhoneCodeFields onAsk={(phone) => api.phones.sendOwnCode({ phone })} />
        <Proof {...ways} />
      </Form>
    </section>
  )
}

function Remove({ ways }: { ways: Ways }) {
  const { settings } = useText()
  const [isOpen, setOpen] = useState(false)
  const sending = useSending((form) => api.phones.remove(proofOf(form)))
  if (!isOpen) return <OpenButton label={settings.removePhone} onOpen={() => setOpen(true)} />
  return (
    <section className={styles.section}>
      <h2>{settings.removePhone}</h2>
      <Form sending={sending} action={settings.removePhone}>
        <Proof {...ways} />
      </Form>
    </section>
  )
}

const OpenButton = ({ label, onOpen }: { label: string; onOpen: () => void }) => (
  <section className={styles.section}>
    <Button onClick={onOpen}>{label}</Button>
  </section>
)

/** The password, or where there is none a code to the present phone; and the second step. */
function Proof({ hasPassword, needsMfaCode }: Ways) {
  const { account } = useText()
  return (
    <>
      {hasPassword ? (
        <PasswordField name="password" label={account.password} />
      ) : (
        <CodeField name="phoneCode" label={account.ownPhoneCode} onAsk={() => api.phones.sendOwnCode({})} />
      )}
      {needsMfaCode && <MfaField />}
    </>
  )
}

function proofOf(form: FormData) {
  const [password, phoneCode, mfaCode] = [form.get('password'), codeOf(form, 'phoneCode'), codeOf(form, 'mfaCode')]
  return {
    ...(password !== null && { password: String(password) }),
    ...(phoneCode && { phoneCode }),
    ...(mfaCode && { mfaCode }),
  }
}
