import { useMutation } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { useText } from '../i18n/language.tsx'
import { Button } from '../ui/button.tsx'
import { codeOf, Field, Form, Refusal } from '../ui/form.tsx'
import styles from './settings.module.css'

const QR_EDGE = 196

/**
 * Shows a secret to an app and takes the first code that it makes.
 *
 * @param props.onBound gets the recovery codes, which are told once
 */
export function BindApp({ onBound }: { onBound: (codes: string[]) => void }) {
  const { settings } = useText()
  const issue = useMutation({ meta: { inPlace: true }, mutationFn: () => api.totp.issue() })
  if (issue.data) return <Scan issued={issue.data} onBound={onBound} />
  return (
    <section className={styles.section}>
      <h2>{settings.twoStepOff}</h2>
      <p className={styles.soft}>{settings.twoStepHint}</p>
      {issue.error && <Refusal error={issue.error} />}
      <Button kind="main" disabled={issue.isPending} onClick={() => issue.mutate()}>
        {settings.setUp}
      </Button>
    </section>
  )
}

function Scan({
  issued: { secret, qrCode, uri },
  onBound,
}: {
  issued: { secret: string; qrCode: string; uri: string }
  onBound: (codes: string[]) => void
}) {
  const { settings } = useText()
  const sending = useMutation({
    meta: { inPlace: true },
    mutationFn: (form: FormData) => api.totp.confirm({ secret, code: codeOf(form, 'code') }),
    onSuccess: ({ recoveryCodes }) => onBound(recoveryCodes),
  })
  return (
    <section className={styles.section}>
      <h2>{settings.scanTitle}</h2>
      <div className={styles.scan}>
        <img src={qrCode} alt={settings.qrCode} width={QR_EDGE} height={QR_EDGE} />
        <div>
          <p>{settings.scanHint}</p>
          <p className={styles.secret}>{secret.replace(/.{4}(?=.)/g, '$& ')}</p>
          <p>
            <a href={uri} className={styles.link}>
              {settings.openApp}
            </a>
          </p>
        </div>
      </div>
      <Form sending={sending} action={settings.turnOn}>
        <Field label={settings.firstCode}>
          {(described) => (
            <input
              {...described}
              name="code"
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              maxLength={10}
              placeholder="123456"
            />
          )}
        </Field>
      </Form>
    </section>
  )
}
