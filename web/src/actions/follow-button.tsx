import { api, query } from '../api/client.ts'
import { useText } from '../i18n/language.tsx'
import { useSession } from '../session/use-session.ts'
import { Button } from '../ui/button.tsx'
import { useMember } from './use-member.ts'
import { useToggle } from './use-toggle.ts'

/** Follows a user; nobody follows themselves. */
export function FollowButton({ user: { id, isFollowing } }: { user: { id: number; isFollowing: boolean } }) {
  const { account } = useText()
  const current = useSession()
  const { mutate } = useToggle({
    id,
    flag: 'isFollowing',
    counter: 'followers',
    set: (follow) => (follow ? api.relations.follow({ id }) : api.relations.unfollow({ id })),
    decides: query.feeds.following.key(),
  })
  const asMember = useMember()
  if (current.state === 'member' && current.user.id === id) return null
  return (
    <Button
      kind={isFollowing ? 'plain' : 'main'}
      aria-pressed={isFollowing}
      onClick={() => asMember(() => mutate(!isFollowing))}
    >
      {isFollowing ? account.unfollow : account.follow}
    </Button>
  )
}
