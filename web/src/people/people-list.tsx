import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { pages } from '../api/pages.ts'
import { useFormats } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import { Avatar } from '../ui/avatar.tsx'
import { More } from '../ui/more.tsx'
import { Empty, Failure, Loading } from '../ui/states.tsx'
import styles from './people-list.module.css'

const SKELETONS = 4

/** Whom a user follows, or who follows them. */
export function PeopleList({ id, which }: { id: number; which: 'following' | 'followers' }) {
  const { people } = useText()
  const { count } = useFormats()
  const list = useInfiniteQuery(pages[which](id))
  const { data, error, isPending, refetch } = list
  const users = data?.pages.flatMap(({ items }) => items) ?? []
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />
  if (data && users.length === 0)
    return <Empty title={which === 'following' ? people.noFollowing : people.noFollowers} />
  return (
    <div className={styles.list}>
      {isPending && <Loading shape="person" count={SKELETONS} />}
      <ul>
        {users.map((user) => (
          <li key={user.id}>
            <Link to="/u/$id" params={{ id: user.id }} className={styles.person}>
              <Avatar url={user.avatarUrl} />
              <span>
                <bdi className={styles.name}>{user.name}</bdi>
                <bdi className={styles.signature}>{user.signature || `@${user.username}`}</bdi>
              </span>
              <span className={styles.works}>{people.works(user.counters.works, count(user.counters.works))}</span>
            </Link>
          </li>
        ))}
      </ul>
      <More list={list} />
    </div>
  )
}
