import type { V1User } from '@fanone/contracts/gateway'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { FollowButton } from '../actions/follow-button.tsx'
import { pages } from '../api/pages.ts'
import { useFormats } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import { useSession } from '../session/use-session.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Empty } from '../ui/states.tsx'
import { useTitle } from '../ui/use-title.ts'
import { VideoGrid } from '../ui/video-grid.tsx'
import { PeopleList } from './people-list.tsx'
import styles from './profile.module.css'
import { type Tab, tabs } from './tabs.ts'

/** A user with what they made and like, whom they follow and who follows them. */
export function ProfilePage({ user, tab }: { user: V1User; tab: Tab }) {
  useTitle(user.name)
  return (
    <div className={styles.page}>
      <Head user={user} />
      <Tabs user={user} tab={tab} />
      {tab === 'videos' && <Videos id={user.id} />}
      {tab === 'likes' && <Likes id={user.id} />}
      {(tab === 'following' || tab === 'followers') && <PeopleList key={tab} id={user.id} which={tab} />}
    </div>
  )
}

function Head({ user }: { user: V1User }) {
  const { people } = useText()
  const { count, day } = useFormats()
  const current = useSession()
  const isOwn = current.state === 'member' && current.user.id === user.id
  return (
    <header className={styles.head} data-pictured={user.backgroundUrl !== null}>
      {user.backgroundUrl && <img className={styles.background} src={user.backgroundUrl} alt="" />}
      <div className={styles.who}>
        <Avatar url={user.avatarUrl} size={96} />
        <div>
          <h1>
            <bdi>{user.name}</bdi>
          </h1>
          <p className={styles.soft}>
            @{user.username} · {people.liked(count(user.counters.likesReceived))} · {people.since(day(user.createdAt))}
          </p>
          {user.signature && (
            <p className={styles.signature}>
              <bdi>{user.signature}</bdi>
            </p>
          )}
          {isOwn ? (
            <Link to="/settings/profile" className={styles.edit}>
              {people.edit}
            </Link>
          ) : (
            <FollowButton user={user} />
          )}
        </div>
      </div>
    </header>
  )
}

function Tabs({ user, tab }: { user: V1User; tab: Tab }) {
  const { people } = useText()
  const { count } = useFormats()
  const { works, likesGiven, following, followers } = user.counters
  const counts: Record<Tab, number> = { videos: works, likes: likesGiven, following, followers }
  return (
    <nav className={styles.tabs} aria-label={user.name}>
      {tabs.map((one) => (
        <Link
          key={one}
          to="/u/$id"
          params={{ id: user.id }}
          search={one === 'videos' ? {} : { show: one }}
          data-chosen={one === tab}
          aria-current={one === tab ? 'page' : undefined}
        >
          {people[one]} <span>{count(counts[one])}</span>
        </Link>
      ))}
    </nav>
  )
}

function Videos({ id }: { id: number }) {
  const { people } = useText()
  return <VideoGrid list={useInfiniteQuery(pages.videosOf(id))} whenEmpty={<Empty title={people.noVideos} />} />
}

function Likes({ id }: { id: number }) {
  const { people } = useText()
  return <VideoGrid list={useInfiniteQuery(pages.likesOf(id))} whenEmpty={<Empty title={people.noLikes} />} />
}
