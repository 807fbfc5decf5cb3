import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { patchPages } from './patch-pages.ts'

interface Liked {
  id: number
  isLiked: boolean
  counters: { likes: number }
}

/** Likes a video, or takes it back: shown at once, and as it was where that is refused. */
export function useLike(id: number) {
  const client = useQueryClient()
  return useMutation({
    scope: { id: `like ${id}` },
    mutationFn: (like: boolean) => (like ? api.likes.video.put({ id }) : api.likes.video.delete({ id })),
    onMutate: (like) =>
      patchPages(
        client,
        (thing) => thing.id === id && 'isLiked' in thing && (thing as unknown as Liked).isLiked !== like,
        ({ counters }: Liked) => ({
          isLiked: like,
          counters: { ...counters, likes: Math.max(0, counters.likes + (like ? 1 : -1)) },
        }),
      ),
    onError: (_error, _like, undo) => undo?.(),
  })
}
