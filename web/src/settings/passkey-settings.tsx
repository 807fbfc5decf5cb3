import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api, query } from '../api/client.ts'
import { useFormats } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import { addPasskey, hasPasskeys } from '../passkeys/passkeys.ts'
import { Button } from '../ui/button.tsx'
import { codeOf, Field, Form, MfaField, PasswordField, useMfaAsked } from '../ui/form.tsx'
import { Failure, Loading } from '../ui/states.tsx'
import { deviceName } from './device-name.ts'
import styles from './settings.module.css'

/** What opens the account without a password: seen, added and removed here. */
export function PasskeySettings() {
  const { passkeys } = useText()
  const { ago, moment } = useFormats()
  const { data, error, refetch } = useQuery(query.passkeys.list.queryOptions())
  const removing = useRemoving()
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />
  if (!data) return <Loading shape="person" count={2} />
  return (
    <>
      <section className={styles.section}>
        <p className={styles.soft}>{passkeys.hint}</p>
        <ul className={styles.rows}>
          {data.items.map(({ id, name, createdAt, lastUsedAt }) => (
            <li key={id} className={styles.row}>
              <div>
                <strong>{name}</strong>
                <p className={styles.facts}>
                  <time dateTime={lastUsedAt ?? createdAt} title={moment(lastUsedAt ?? createdAt)}>
                    {lastUsedAt ? passkeys.used(ago(lastUsedAt)) : passkeys.added(ago(createdAt))}
                  </time>
                </p>
              </div>
              <Button aria-label={passkeys.removeNamed(name)} onClick={() => removing.mutate(id)}>
                {passkeys.remove}
              </Button>
            </li>
          ))}
        </ul>
      </section>
      {hasPasskeys ? <Add /> : <p className={styles.soft}>{passkeys.notHere}</p>}
    </>
  )
}

function Add() {
  const { account, passkeys, settings } = useText()
  const client = useQueryClient()
  const { data: phone } = useQuery(query.phones.status.queryOptions())
  const [isOpen, setOpen] = useState(false)
  const [needsCode, onError, forgetCode] = useMfaAsked()
  const sending = useMutation({
    meta: { inPlace: true },
    mutationFn: (form: FormData) => {
      const mfaCode = codeOf(form, 'mfaCode')
      const [name, password] = [String(form.get('name')), String(form.get('password'))]
      return addPasskey({ name, password, ...(mfaCode && { mfaCode }) })
    },
    onSuccess: () => {
      setOpen(false)
      forgetCode()
      return client.invalidateQueries({ queryKey: query.passkeys.key() })
    },
    onError,
  })
  if (phone?.hasPassword === false)
    return (
      <section className={styles.section}>
        <p className={styles.soft}>{passkeys.needsPassword}</p>
        <Link to="/settings/password">{settings.setPassword}</Link>
      </section>
    )
  return (
    <section className={styles.section}>
      {isOpen ? (
        <Form sending={sending} action={passkeys.add}>
          <Field label={passkeys.name} rule={passkeys.nameRule}>
            {(described) => (
              <input
                {...described}
                name="name"
                required
                maxLength={64}
                defaultValue={deviceName(navigator.userAgent)}
              />
            )}
          </Field>
          <PasswordField name="password" label={account.password} />
          {needsCode && <MfaField isNext />}
        </Form>
      ) : (
        <Button kind="main" onClick={() => setOpen(true)}>
          {passkeys.add}
        </Button>
      )}
    </section>
  )
}

/** A passkey goes from the list at once, and comes back where that is refused. */
function useRemoving() {
  const client = useQueryClient()
  const key = query.passkeys.list.queryKey()
  return useMutation({
    mutationFn: (id: number) => api.passkeys.remove({ id: String(id) as never }),
    onMutate: async (id) => {
      await client.cancelQueries({ queryKey: key })
      const before = client.getQueryData(key)
      client.setQueryData(key, (list) => list && { items: list.items.filter((one) => one.id !== id) })
      return before
    },
    onError: (_error, _id, before) => client.setQueryData(key, before),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  })
}
