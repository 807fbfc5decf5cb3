import { useMemo, useSyncExternalStore } from 'react'
import { api, session } from '../api/client.ts'
import { queryClient } from '../api/query-client.ts'
import { retried } from '../api/retry.ts'
import { type Publisher, UploadQueue } from './upload-queue.ts'

const MAX_TRIES = 8

/** The same upload always becomes the same video, so both may be tried again. */
const publisher: Publisher = {
  publish: async (upload) => {
    const video = await retried(() => api.uploads.publish(upload), MAX_TRIES)
    void queryClient.invalidateQueries()
    return video
  },
  setCover: (id, cover) =>
    retried(() => api.pictures.setCover({ id, file: new File([cover], 'cover.jpg', { type: cover.type }) }), MAX_TRIES),
}

let current: { userId: number; queue: UploadQueue } | undefined

/** The queue outlives the page, so that uploads go on while others are looked at. */
function queueOf(userId: number): UploadQueue {
  if (current?.userId === userId) return current.queue
  current = { userId, queue: new UploadQueue({ userId, publisher }) }
  return current.queue
}

// Whoever logs out, or in as another, takes nobody's uploads along.
session.subscribe(() => {
  const now = session.current()
  if (now.state === 'member' && now.user.id === current?.userId) return
  current?.queue.close()
  current = undefined
})

addEventListener('beforeunload', (event) => {
  if (current?.queue.isBusy) event.preventDefault()
})

/** The uploads of a user. */
export function useUploads(userId: number) {
  const queue = useMemo(() => queueOf(userId), [userId])
  return { queue, items: useSyncExternalStore(queue.subscribe, queue.items) }
}
