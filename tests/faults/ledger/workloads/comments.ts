import { fromProblem, hasCode } from '@fanone/service-kit'
import { publish } from '../../../support/community.ts'
import { apiUrl } from '../../../support/stack.ts'
import type { Client } from '../client.ts'
import type { Workload } from '../workload.ts'
import { checkComments } from './comments-check.ts'
import { type Actor, Crowd, newActor } from './members.ts'

export interface CommentMix {
  /** Who comments, for a file that runs the workload more than once. */
  people: Crowd
  clients: number
  users: number
  videos: number
  /** Out of 100 steps; the rest are comments on a video. */
  replyPercent: number
  deletePercent: number
}

const usualMix: Omit<CommentMix, 'people'> = { clients: 16, users: 8, videos: 4, replyPercent: 35, deletePercent: 25 }

/** A comment as far as its writer knows. */
interface Known {
  id: number
  writer: Actor
}

/** Users comment, reply and delete; replies meet the deletion of what they reply to. */
export function comments(mix: Partial<CommentMix> = {}): Workload & { done(): number } {
  const { people = new Crowd('talker'), clients, users, videos, replyPercent, deletePercent } = { ...usualMix, ...mix }
  let steps = 0
  return {
    name: 'comments',
    done: () => steps,
    async start({ runName }) {
      const author = await newActor('author')
      const api = await author.api()
      const videoIds: number[] = []
      for (let count = 0; count < videos; count++) videoIds.push((await publish({ api })).id)
      const actors = await people.take(users)
      const known: Known[] = []
      let count = 0
      const newKey = () => `${runName} ${++count}`
      const comment = async (client: Client, writer: Actor, path: string) => {
        const { outcome, subject } = await writeOne(client, writer, { path, key: newKey() })
        if (outcome === 'ok' && subject !== undefined) known.push({ id: subject, writer })
        return outcome
      }
      return {
        clients,
        async step(client) {
          const writer = actors[client.index % actors.length] as Actor
          const dice = client.random.below(100)
          if (known.length > 0 && dice < deletePercent)
            await deleteOne(client, known.splice(client.random.below(known.length), 1)[0] as Known, newKey())
          else if (known.length > 0 && dice < deletePercent + replyPercent)
            await comment(client, writer, `/v1/comments/${client.random.pick(known).id}/replies`)
          else await comment(client, writer, `/v1/videos/${client.random.pick(videoIds)}/comments`)
          steps++
        },
        async probe(client) {
          while ((await comment(client, actors[0] as Actor, `/v1/videos/${videoIds[0]}/comments`)) !== 'ok');
        },
        check: (evidence) => checkComments(videoIds, evidence),
      }
    },
  }
}

/** One Idempotency-Key for all attempts: whoever asks twice has one comment. */
function writeOne(client: Client, writer: Actor, { path, key }: { path: string; key: string }) {
  return client.call(
    { op: 'comment.create', key, userId: writer.id, value: key },
    async () => {
      const response = await fetch(`${apiUrl}${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await writer.token()}`,
          'content-type': 'application/json',
          'idempotency-key': key.replaceAll(' ', '-'),
        },
        body: JSON.stringify({ text: key }),
      })
      const body = (await response.json()) as { id: number }
      if (response.status !== 201) throw fromProblem(body as never) ?? new Error(`status ${response.status}`)
      return body.id
    },
    { repeatable: true },
  )
}

function deleteOne(client: Client, { id, writer }: Known, key: string) {
  return client.call(
    { op: 'comment.delete', key, userId: writer.id, subject: id },
    async () => {
      await (await writer.api()).comments.delete({ id })
      return id
    },
    // It may have gone with what it replied to.
    { repeatable: true, isDone: (error) => hasCode(error, 'comment_not_found') },
  )
}
