import type { Client } from '../client.ts'
import type { Workload } from '../workload.ts'
import { checkFollows, type Pair } from './follows-check.ts'
import { type Actor, newActor, newActors } from './members.ts'

/** How far the work has come. */
export interface Progress {
  operations: number
}

/**
 * A few users follow and unfollow each other in all directions, with many clients for each pair.
 */
export function follows({ clients = 16, people = 5, progress = { operations: 0 } as Progress } = {}): Workload {
  return {
    name: 'follows',
    async start() {
      const actors = await newActors('follow', people)
      const pairs = actors.flatMap((from, row) =>
        actors.map((to, column): Pair => ({ number: row * people + column + 1, from, to })),
      )
      const others = pairs.filter(({ from, to }) => from !== to)
      const probing: Pair = { number: 0, from: await newActor('follow'), to: actors[0] as Actor }
      let isProbeFollowed = false
      return {
        clients,
        async step(client) {
          await change(client, client.random.pick(others), client.random.below(2) === 0)
          progress.operations += 1
        },
        async probe(client) {
          isProbeFollowed = !isProbeFollowed
          while ((await change(client, probing, isProbeFollowed)) !== 'ok');
        },
        check: (evidence) => checkFollows([...others, probing], evidence),
      }
    },
  }
}

async function change(client: Client, { number, from, to }: Pair, toFollow: boolean) {
  const { outcome } = await client.call(
    { op: 'follow', key: String(number), userId: from.id, subject: number, value: toFollow ? 'follows' : 'does not' },
    async () => {
      const { relations } = await from.api()
      await (toFollow ? relations.follow({ id: to.id }) : relations.unfollow({ id: to.id }))
      return number
    },
    { repeatable: true },
  )
  return outcome
}
