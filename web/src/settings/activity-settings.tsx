import { useInfiniteQuery } from '@tanstack/react-query'
import { pages } from '../api/pages.ts'
import { useFormats } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import { More } from '../ui/more.tsx'
import { Failure, Loading } from '../ui/states.tsx'
import { deviceName } from './device-name.ts'
import styles from './settings.module.css'

/** What happened to the account, so that one sees what one did not do oneself. */
export function ActivitySettings() {
  const { settings } = useText()
  const { ago, moment } = useFormats()
  const list = useInfiniteQuery(pages.securityEvents())
  const { data, error, refetch } = list
  const names: Record<string, string> = settings.events
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />
  if (!data) return <Loading shape="person" count={4} />
  return (
    <section className={styles.section}>
      <p className={styles.soft}>{settings.activityHint}</p>
      <ul className={styles.rows}>
        {data.pages
          .flatMap(({ items }) => items)
          .map(({ id, action, at, device, address, reason }) => (
            <li key={id} className={styles.row}>
              <div>
                <strong>{names[action] ?? action}</strong>
                {reason && <p>{reason}</p>}
                <p className={styles.facts}>
                  {[deviceName(device), address].filter(Boolean).join(' · ')} ·{' '}
                  <time dateTime={at} title={moment(at)}>
                    {ago(at)}
                  </time>
                </p>
              </div>
            </li>
          ))}
      </ul>
      <More list={list} />
    </section>
  )
}
