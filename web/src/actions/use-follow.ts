import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { patchPages } from './patch-pages.ts'

interface Followed {
  id: number
  isFollowing: boolean
  counters: { followers: number }
}

/** Follows somebody, or stops: shown at once, and as it was where that is refused. */
export function useFollow(id: number) {
  const client = useQueryClient()
  return useMutation({
    scope: { id: `follow ${id}` },
    mutationFn: (follow: boolean) => (follow ? api.relations.follow({ id }) : api.relations.unfollow({ id })),
    onMutate: (follow) =>
      patchPages(
        client,
        (thing) => thing.id === id && 'isFollowing' in thing && (thing as unknown as Followed).isFollowing !== follow,
        ({ counters }: Followed) => ({
          isFollowing: follow,
          counters: { ...counters, followers: Math.max(0, counters.followers + (follow ? 1 : -1)) },
        }),
      ),
    onError: (_error, _follow, undo) => undo?.(),
  })
}
