import { randomUUID } from 'node:crypto'
import { fromProblem } from '@fanone/service-kit'
import { apiUrl } from '../../../support/stack.ts'
import type { Client } from '../client.ts'
import type { Workload } from '../workload.ts'
import { type Actor, newActor, newActors } from './members.ts'
import { checkProfiles } from './profiles-check.ts'

/** Users change their names, two clients each, and new people register now and then. */
export function profiles({ clients = 4, registerPercent = 3 } = {}): Workload {
  return {
    name: 'profiles',
    async start({ runName }) {
      const actors = await newActors('profile', Math.ceil(clients / 2))
      const probing = await newActor('profile')
      // Short enough for a name, and what a user name may hold.
      const tag = `r${runName.slice(runName.lastIndexOf('-') + 1)}-`
      let count = 0
      const newKey = () => `${tag}${++count}`
      return {
        clients,
        async step(client) {
          if (client.random.below(100) < registerPercent) await registerOne(client, newKey())
          else await renameOne(client, actors[client.index % actors.length] as Actor, newKey())
        },
        async probe(client) {
          while ((await renameOne(client, probing, newKey())) !== 'ok');
        },
        check: (evidence) => checkProfiles({ ids: [...actors, probing].map(({ id }) => id), tag }, evidence),
      }
    },
  }
}

async function renameOne(client: Client, actor: Actor, key: string) {
  const { outcome } = await client.call(
    { op: 'profile.edit', key, userId: actor.id, subject: actor.id, value: key },
    async () => (await (await actor.api()).users.editMe({ name: key })).id,
    { repeatable: true },
  )
  return outcome
}

/** One Idempotency-Key for all attempts: whoever asks twice has one account. */
async function registerOne(client: Client, username: string): Promise<void> {
  const idempotencyKey = randomUUID()
  await client.call(
    { op: 'user.register', key: username, userId: 0, value: username },
    async () => {
      const response = await fetch(`${apiUrl}/v1/users`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify({ username, password: `secret of ${username}` }),
      })
      const body = (await response.json()) as { user: { id: number } }
      if (response.status !== 201) throw fromProblem(body as never) ?? new Error(`status ${response.status}`)
      return body.user.id
    },
    { repeatable: true },
  )
}
