import { hasCode } from '@fanone/service-kit'
import { cardsOf } from '../../../support/cards.ts'
import { publish } from '../../../support/community.ts'
import { eventually } from '../../../support/stack.ts'
import type { Client } from '../client.ts'
import type { RunningWorkload, Workload } from '../workload.ts'
import { feedFrom } from './feed.ts'
import { type Actor, newActor } from './members.ts'
import { checkVideos } from './videos-check.ts'

/** Publications are the dear ones: ffmpeg looks at each. */
export interface VideoMix {
  clients: number
  /** The author; clients of one author change the same videos. */
  authors: number
  /** Out of 100 steps; the rest are edits. */
  publishPercent: number
  deletePercent: number
}

const usualMix: VideoMix = { clients: 8, authors: 4, publishPercent: 12, deletePercent: 6 }

/** A user with what this user has published and, as far as known, not deleted. */
interface Author {
  actor: Actor
  videoIds: number[]
}

/**
 * Authors publish, edit and delete videos; several clients share an author and change the same
 * ones.
 */
export function videos(mix: Partial<VideoMix> = {}): Workload {
  const { clients, authors: authorCount, publishPercent, deletePercent } = { ...usualMix, ...mix }
  return {
    name: 'videos',
    async start({ runName }) {
      const authors = await Promise.all(Array.from({ length: authorCount }, () => newAuthor(runName)))
      const probing = await newAuthor(runName)
      let count = 0
      const newKey = () => `${runName} ${++count}`
      return {
        clients,
        async step(client) {
          const author = authors[client.index % authors.length] as Author
          const dice = client.random.below(100)
          const videoId = author.videoIds.length > 0 ? client.random.pick(author.videoIds) : undefined
          if (videoId === undefined || dice < publishPercent) await publishOne(client, author, newKey())
          else if (dice < publishPercent + deletePercent) await deleteOne(client, author, videoId, newKey())
          else await editOne(client, author, videoId, newKey())
        },
        ...probe(probing, newKey),
        check: (evidence) =>
          checkVideos(
            [...authors, probing].map(({ actor }) => actor),
            evidence,
          ),
      }
    },
  }
}

async function newAuthor(runName: string): Promise<Author> {
  return { actor: await newActor(runName.slice(0, 12)), videoIds: [] }
}

/** The description never changes, so it identifies the publication of a row. */
async function publishOne(client: Client, author: Author, key: string): Promise<void> {
  const { actor } = author
  const { outcome, subject } = await client.call(
    { op: 'video.publish', key, userId: actor.id, value: key },
    async () => {
      const api = await actor.api()
      const video = await publish({ api }, { title: key, description: key })
      return video.id
    },
  )
  if (outcome === 'ok' && subject !== undefined) author.videoIds.push(subject)
}

async function editOne(
  client: Client,
  author: Author,
  videoId: number,
  key: string,
): Promise<'ok' | 'fail' | 'unknown'> {
  const { actor } = author
  const edit = { op: 'video.edit', key, userId: actor.id, subject: videoId, value: `edit ${key}` }
  const { outcome } = await client.call(
    edit,
    async () => (await (await actor.api()).videos.edit({ id: videoId, title: edit.value })).id,
    { repeatable: true },
  )
  return outcome
}

async function deleteOne(client: Client, author: Author, videoId: number, key: string): Promise<void> {
  const { actor } = author
  author.videoIds = author.videoIds.filter((id) => id !== videoId)
  await client.call(
    { op: 'video.delete', key, userId: actor.id, subject: videoId },
    async () => {
      await (await actor.api()).videos.delete({ id: videoId })
      return videoId
    },
    // Deleting a deleted video has the wanted result.
    { repeatable: true, isDone: (error) => hasCode(error, 'video_not_found') },
  )
}

/** An author whose edits show when writes work again and when a write is visible in the feed. */
function probe(author: Author, newKey: () => string): Pick<RunningWorkload, 'probe' | 'probeShown'> {
  let title = ''
  return {
    async probe(client) {
      while (author.videoIds.length === 0) await publishOne(client, author, newKey())
      const [videoId] = author.videoIds as [number]
      for (let key = newKey(); ; key = newKey()) {
        title = `edit ${key}`
        if ((await editOne(client, author, videoId, key)) === 'ok') return
      }
    },
    async probeShown() {
      const [videoId] = author.videoIds as [number]
      const isInFeed = async () => (await feedFrom(await author.actor.api(), videoId)).at(-1)?.title === title
      const isShown = async () => (await cardsOf([videoId]))[0]?.title === title && (await isInFeed())
      await eventually(isShown, { timeoutMs: 90_000, what: `feed and cards show ${title}` })
    },
  }
}
