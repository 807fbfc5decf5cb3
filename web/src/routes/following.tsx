import { createFileRoute, Link } from '@tanstack/react-router'
import { pages } from '../api/pages.ts'
import { Feed } from '../feed/feed.tsx'
import { FeedShell } from '../feed/feed-shell.tsx'
import { useText } from '../i18n/language.tsx'
import { useSession } from '../session/use-session.ts'
import { Empty, Loading } from '../ui/states.tsx'

export const Route = createFileRoute('/following')({ component: FollowingPage })

function FollowingPage() {
  const { feed, site } = useText()
  const { state } = useSession()
  if (state === 'member')
    return (
      <Feed
        name="following"
        title={feed.followingTitle}
        options={pages.followingFeed()}
        whenEmpty={
          <Empty title={feed.emptyFollowingTitle} action={<Link to="/popular">{feed.findPeople}</Link>}>
            {feed.emptyFollowing}
          </Empty>
        }
      />
    )
  const note =
    state === 'unknown' ? (
      <Loading shape="player" count={1} />
    ) : (
      <Empty
        title={feed.followingTitle}
        action={
          <Link to="/login" search={{ to: '/following' }}>
            {site.logIn}
          </Link>
        }
      >
        {feed.visitorFollowing}
      </Empty>
    )
  return <FeedShell title={feed.followingTitle} note={note} />
}
