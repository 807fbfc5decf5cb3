import { randomUUID } from 'node:crypto'
import { type ContentRef, interactionContract } from '@fanone/contracts'
import { createServiceClient, DeadlineTransport } from '@fanone/service-kit'
import { expect, test } from 'vitest'
import { newMember, publish } from '../../support/community.ts'
import { announceSeed, scaled, seed } from '../../support/sampling.ts'
import { sidecarOf } from '../../support/sidecars.ts'
import { eventually, healthy, kill9 } from '../../support/stack.ts'
import { awaitQuiescence } from '../ledger/quiescence.ts'
import { seededRandom } from '../ledger/random.ts'
import { queryMysql } from '../ledger/stores.ts'

const kills = scaled({ quick: 4, full: 20 })
const LIKES = 160
const VIDEOS = 3
/** Nobody's of the community: interaction believes its own sidecar whom a call is for. */
const FIRST_USER = 2 ** 51

interface Like {
  userId: number
  target: ContentRef
  /** The same for every try. */
  idempotencyKey: string
}

test(
  'shared calls: interaction is killed while requests of many likes are under way; each is there once, told of once, and answered as the first time',
  async () => {
    announceSeed('shared calls')
    const random = seededRandom(seed)
    const author = await newMember('author')
    const videoIds: number[] = []
    for (let count = 0; count < VIDEOS; count++) videoIds.push((await publish(author)).id)
    const { client, shared, close } = await asGateway()
    const like = async ({ userId, target, idempotencyKey }: Like) => {
      const identity = { userId, sessionId: 'shared calls' }
      return (await client.likes.like({ target }, { context: { identity, idempotencyKey } })).changed
    }
    let unanswered = 0
    const answers: boolean[] = []
    for (let kill = 0; kill < kills; kill++) {
      const likes = Array.from(
        { length: LIKES },
        (_, index): Like => ({
          userId: FIRST_USER + (seed % 2 ** 20) * 2 ** 20 + kill * LIKES + index,
          target: { kind: 'video', id: random.pick(videoIds) },
          idempotencyKey: randomUUID(),
        }),
      )
      let open = likes.length
      // Asked again with the same key, as a person's client would.
      const trying = likes.map((one) =>
        eventually(async () => ({ changed: await like(one) }), { timeoutMs: 60_000, intervalMs: 200 }).then(
          ({ changed }) => {
            open--
            answers.push(changed)
          },
        ),
      )
      // Somewhere between the first request and the last answer.
      const enough = random.below(LIKES / 2)
      await eventually(() => open <= LIKES - enough, { intervalMs: 1 })
      const pid = await kill9('interaction')
      unanswered += open
      await Promise.all(trying)
      await healthy('interaction', { not: pid })
    }
    await close()
    await awaitQuiescence()

    expect(answers, 'every like was new, also where its first answer was lost').toEqual(Array(kills * LIKES).fill(true))
    expect(shared(), 'requests of several calls').toBeGreaterThan(kills)
    expect(unanswered, 'calls that a kill met').toBeGreaterThan(0)
    const [stored] = await queryMysql<{ count: number; users: number }>(
      `select count(*) as count, count(distinct user_id) as users from interaction.content_like
       where kind = 'video' and content_id in (?) and liked_id is not null`,
      [videoIds],
    )
    expect([Number(stored?.count), Number(stored?.users)]).toEqual([kills * LIKES, kills * LIKES])
    const [counted] = await queryMysql<{ likes: number }>(
      `select sum(likes) as likes from stats.content_counter where kind = 'video' and id in (?)`,
      [videoIds],
    )
    expect(Number(counted?.likes), 'told of once each').toBe(kills * LIKES)
  },
  kills * 90_000,
)

/** The kit's client of interaction, at the gateway's sidecar. */
async function asGateway() {
  const { port, token } = await sidecarOf('gateway')
  const transport = new DeadlineTransport({ port, apiToken: token })
  let shared = 0
  const request = transport.request.bind(transport)
  transport.request = (sent) => {
    if (sent.headers?.['fanone-shared-calls'] !== undefined) shared++
    return request(sent)
  }
  const client = createServiceClient(interactionContract, { appId: 'interaction', transport })
  return { client, shared: () => shared, close: () => transport.close() }
}
