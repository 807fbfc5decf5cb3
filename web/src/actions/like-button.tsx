import { api } from '../api/client.ts'
import { useFormats } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import { Icon } from '../ui/icon.tsx'
import styles from './like-button.module.css'
import { useMember } from './use-member.ts'
import { useToggle } from './use-toggle.ts'

/** Likes a video; filled and coloured where one does. */
export function LikeButton({ video }: { video: { id: number; isLiked: boolean; counters: { likes: number } } }) {
  const { account, feed } = useText()
  const { count } = useFormats()
  const asMember = useMember()
  const { id, isLiked, counters } = video
  const { mutate } = useToggle({
    id,
    flag: 'isLiked',
    counter: 'likes',
    set: (like) => (like ? api.likes.video.put({ id }) : api.likes.video.delete({ id })),
  })
  return (
    <button
      type="button"
      className={styles.like}
      aria-pressed={isLiked}
      aria-label={`${isLiked ? account.unlike : account.like}, ${feed.likes(count(counters.likes))}`}
      onClick={() => asMember(() => mutate(!isLiked))}
    >
      <Icon name="heart" filled={isLiked} />
      <span aria-hidden="true">{count(counters.likes)}</span>
    </button>
  )
}
