import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api, query } from '../api/client.ts'
import { useText } from '../i18n/language.tsx'
import { Button } from '../ui/button.tsx'
import { codeOf, Form, MfaField, PasswordField } from '../ui/form.tsx'
import { Failure, Loading } from '../ui/states.tsx'
import { BindApp } from './bind-app.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'
import styles from './settings.module.css'

/** A second step at log-in: codes of an app, and recovery codes for when the app is lost. */
export function TwoStepSettings() {
  const { settings } = useText()
  const client = useQueryClient()
  const { data, error, refetch } = useQuery(query.totp.status.queryOptions())
  const [codes, setCodes] = useState<string[]>()
  if (codes)
    return (
      <RecoveryCodes
        codes={codes}
        onKept={() => {
          setCodes(undefined)
          void client.invalidateQueries({ queryKey: query.totp.key() })
        }}
      />
    )
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />
  if (!data) return <Loading shape="line" count={2} />
  if (!data.isBound) return <BindApp onBound={setCodes} />
  return (
    <>
      <section className={styles.section}>
        <h2>{settings.twoStepOn}</h2>
        <p className={styles.soft}>{settings.codesLeft(data.recoveryCodesLeft)}</p>
      </section>
      <Renew onRenewed={setCodes} />
      <Unbind />
    </>
  )
}

function Renew({ onRenewed }: { onRenewed: (codes: string[]) => void }) {
  const { settings } = useText()
  const [isOpen, setOpen] = useState(false)
  const sending = useMutation({
    meta: { inPlace: true },
    mutationFn: (form: FormData) => api.totp.renewRecoveryCodes({ code: codeOf(form, 'mfaCode') }),
    onSuccess: ({ recoveryCodes }) => onRenewed(recoveryCodes),
  })
  return (
    <section className={styles.section}>
      <h2>{settings.renewCodes}</h2>
      <p className={styles.soft}>{settings.renewHint}</p>
      {isOpen ? (
        <Form sending={sending} action={settings.renewCodes}>
          <MfaField isNext />
        </Form>
      ) : (
        <Button onClick={() => setOpen(true)}>{settings.renewCodes}</Button>
      )}
    </section>
  )
}

function Unbind() {
  const { account, settings } = useText()
  const client = useQueryClient()
  const { data: phone } = useQuery(query.phones.status.queryOptions())
  const [isOpen, setOpen] = useState(false)
  const sending = useMutation({
    meta: { inPlace: true },
    mutationFn: (form: FormData) =>
      api.totp.unbind({ password: String(form.get('password')), code: codeOf(form, 'mfaCode') }),
    onSuccess: () => client.invalidateQueries({ queryKey: query.totp.key() }),
  })
  const needsPassword = phone?.hasPassword === false
  return (
    <section className={styles.section}>
      <h2>{settings.turnOff}</h2>
      <p className={styles.soft}>{needsPassword ? settings.turnOffNeedsPassword : settings.turnOffHint}</p>
      {needsPassword && <Link to="/settings/password">{settings.setPassword}</Link>}
      {isOpen ? (
        <Form sending={sending} action={settings.turnOff}>
          <PasswordField name="password" label={account.password} />
          <MfaField />
        </Form>
      ) : (
        !needsPassword && <Button onClick={() => setOpen(true)}>{settings.turnOff}</Button>
      )}
    </section>
  )
}
