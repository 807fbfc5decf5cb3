import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, session } from '../api/client.ts'
import { useText } from '../i18n/language.tsx'
import { codeOf, Form, MfaField, PasswordField, useMfaAsked } from '../ui/form.tsx'
import { Empty } from '../ui/states.tsx'
import { useTitle } from '../ui/use-title.ts'
import styles from './account.module.css'
import { PhoneCodeFields } from './phone-code-fields.tsx'

/** Sets a new password for who has the phone of an account; all its sessions end. */
export function RecoverForm() {
  const { account } = useText()
  const [needsCode, onError] = useMfaAsked()
  useTitle(account.recoverTitle)
  const sending = useMutation({
    meta: { inPlace: true },
    mutationFn: (form: FormData) => {
      const mfaCode = codeOf(form, 'mfaCode')
      return api.phones.recover({
        phone: codeOf(form, 'phone'),
        code: codeOf(form, 'code'),
        newPassword: String(form.get('newPassword')),
        ...(mfaCode && { mfaCode }),
      })
    },
    onSuccess: () => session.end(),
    onError,
  })
  if (sending.isSuccess)
    return (
      <Empty title={account.recovered} action={<Link to="/login">{account.logIn}</Link>}>
        {account.recoveredMore}
      </Empty>
    )
  return (
    <div className={styles.page}>
      <h1>{account.recoverTitle}</h1>
      <p className={styles.soft}>{account.recoverHint}</p>
      <Form sending={sending} action={account.recover}>
        <PhoneCodeFields onAsk={(phone) => api.phones.sendCode({ phone, purpose: 'new_password' })} />
        <PasswordField name="newPassword" label={account.newPassword} isNew />
        {needsCode && <MfaField isNext />}
      </Form>
      <div className={styles.others}>
        <Link to="/login">{account.toLogIn}</Link>
      </div>
    </div>
  )
}
