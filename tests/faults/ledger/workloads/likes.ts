import { publish } from '../../../support/community.ts'
import type { Client } from '../client.ts'
import type { Workload } from '../workload.ts'
import { checkLikes } from './likes-check.ts'
import { type Actor, Crowd, newActor } from './members.ts'

export interface LikeMix {
  /** Who likes, for a file that runs the workload more than once. */
  people: Crowd
  clients: number
  /** Clients of one user toggle the same likes from several sides. */
  users: number
  videos: number
  /** Out of 100 steps; the rest are likes. */
  unlikePercent: number
}

const usualMix: Omit<LikeMix, 'people'> = { clients: 32, users: 16, videos: 5, unlikePercent: 35 }

/** Users like and unlike videos. `done` counts the steps, so that a run can wait for enough. */
export function likes(mix: Partial<LikeMix> = {}): Workload & { done(): number } {
  const { people = new Crowd('fan'), clients, users, videos, unlikePercent } = { ...usualMix, ...mix }
  let steps = 0
  return {
    name: 'likes',
    done: () => steps,
    async start({ runName }) {
      const author = await newActor('author')
      const api = await author.api()
      const videoIds: number[] = []
      for (let count = 0; count < videos; count++) videoIds.push((await publish({ api })).id)
      const [probing, ...actors] = await people.take(users + 1)
      let count = 0
      const toggle = (client: Client, actor: Actor, to: 'liked' | 'not liked') =>
        toggleOne(client, actor, { videoId: client.random.pick(videoIds), to, key: `${runName} ${++count}` })
      return {
        clients,
        async step(client) {
          const actor = client.random.pick(actors)
          await toggle(client, actor, client.random.below(100) < unlikePercent ? 'not liked' : 'liked')
          steps++
        },
        async probe(client) {
          while ((await toggle(client, probing as Actor, 'liked')) !== 'ok');
        },
        check: (evidence) => checkLikes({ videoIds, users: [probing as Actor, ...actors] }, evidence),
      }
    },
  }
}

/** Both are idempotent, so whoever got no answer asks again. */
async function toggleOne(
  client: Client,
  actor: Actor,
  { videoId: id, to, key }: { videoId: number; to: 'liked' | 'not liked'; key: string },
) {
  const { outcome } = await client.call(
    { op: 'like.toggle', key, userId: actor.id, subject: id, value: to },
    async () => {
      const { video } = (await actor.api()).likes
      await (to === 'liked' ? video.put({ id }) : video.delete({ id }))
      return id
    },
    { repeatable: true },
  )
  return outcome
}
