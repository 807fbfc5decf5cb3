import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, query } from '../api/client.ts'
import { useFormats } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import { Button } from '../ui/button.tsx'
import { Failure, Loading } from '../ui/states.tsx'
import { deviceName } from './device-name.ts'
import styles from './settings.module.css'

/** Where one is logged in. A session goes from the list at once, and comes back where that is refused. */
export function SessionsSettings() {
  const { settings } = useText()
  const { ago, moment } = useFormats()
  const { data, error, refetch } = useQuery(query.sessions.list.queryOptions())
  const end = useEnding()
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />
  if (!data) return <Loading shape="person" count={2} />
  const others = data.items.filter(({ isCurrent }) => !isCurrent)
  return (
    <section className={styles.section}>
      <p className={styles.soft}>{settings.sessionsHint}</p>
      <ul className={styles.rows}>
        {data.items.map(({ id, device, address, isCurrent, lastSeenAt }) => (
          <li key={id} className={styles.row}>
            <div>
              <strong title={device}>{deviceName(device) || settings.unknownDevice}</strong>
              <p className={styles.facts}>
                {address} ·{' '}
                <time dateTime={lastSeenAt} title={moment(lastSeenAt)}>
                  {ago(lastSeenAt)}
                </time>
              </p>
            </div>
            {isCurrent ? (
              <span className={styles.mark}>{settings.thisDevice}</span>
            ) : (
              <Button aria-label={settings.endSessionOn(deviceName(device))} onClick={() => end.mutate(id)}>
                {settings.endSession}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {others.length > 0 && <Button onClick={() => end.mutate('others')}>{settings.endOthers}</Button>}
    </section>
  )
}

function useEnding() {
  const client = useQueryClient()
  const key = query.sessions.list.queryKey()
  return useMutation({
    mutationFn: (id: string) => (id === 'others' ? api.sessions.endOthers() : api.sessions.end({ id })),
    onMutate: async (id) => {
      await client.cancelQueries({ queryKey: key })
      const before = client.getQueryData(key)
      client.setQueryData(key, (list) => list && { items: list.items.filter((one) => stays(one, id)) })
      return before
    },
    onError: (_error, _id, before) => client.setQueryData(key, before),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  })
}

const stays = (session: { id: string; isCurrent: boolean }, ended: string) =>
  session.isCurrent || (ended !== 'others' && session.id !== ended)
