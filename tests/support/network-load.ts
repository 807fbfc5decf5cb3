import { httpLoad, type OpenLoopResult, runOpenLoop } from '../load/open-loop.ts'
import { type Member, newMember, publish } from './community.ts'
import { apiUrl, eventually } from './stack.ts'

/** Longest time the gateway waits for a service when it reads, and when it writes. */
export const readTimeoutMs = 3_000
export const writeTimeoutMs = 6_000

/** What a site is asked for, by what stands behind it. */
export type Kind = 'newestFeed' | 'ownFeed' | 'user' | 'video' | 'comments' | 'edit' | 'logIn' | 'like' | 'follow'

export const writes: readonly Kind[] = ['edit', 'logIn', 'like', 'follow']
export const kinds: readonly Kind[] = ['newestFeed', 'ownFeed', 'user', 'video', 'comments', ...writes]

/** A load of every kind, a few requests of each a second. */
export interface MixedLoad {
  /** One request. @returns what came of it */
  send(kind: Kind, index: number): Promise<string>
  run(options: { ratePerSecond: number; durationMs: number }): Promise<Record<Kind, OpenLoopResult>>
  /**
   * Resolves when every kind is answered correctly several times in a row.
   *
   * @returns the ms it took
   */
  untilWell(timeoutMs: number): Promise<number>
  close(): Promise<void>
}

/** Several members, so that edits do not meet in one row. */
export async function mixedLoad(): Promise<MixedLoad> {
  const members = await Promise.all(Array.from({ length: 8 }, () => newMember('network')))
  const video = await publish(members[0] as Member)
  const followee = await newMember('network')
  const load = httpLoad({ origin: apiUrl, timeoutMs: 20_000 })
  const json = { 'content-type': 'application/json' }
  const send = (kind: Kind, index: number) => {
    const { tokens, user, password } = members[index % members.length] as Member
    const headers = { authorization: `Bearer ${tokens.accessToken}` }
    const credentials = JSON.stringify({ username: user.username, password })
    const edit = JSON.stringify({ signature: `edit ${index}` })
    const requests = {
      newestFeed: { path: '/v1/feeds/newest' },
      ownFeed: { path: '/v1/feeds/newest?limit=5', headers },
      user: { path: `/v1/users/${user.id}` },
      video: { path: `/v1/videos/${video.id}` },
      comments: { path: `/v1/videos/${video.id}/comments` },
      edit: { method: 'PATCH', path: '/v1/users/me', headers: { ...headers, ...json }, body: edit },
      logIn: { method: 'POST', path: '/v1/sessions', headers: json, body: credentials },
      like: { method: 'PUT', path: `/v1/videos/${video.id}/like`, headers },
      follow: { method: 'PUT', path: `/v1/users/me/following/${followee.user.id}`, headers },
    } as const
    return load.send(requests[kind])
  }
  const untilWell = async (timeoutMs: number) => {
    const startedAt = performance.now()
    let inARow = 0
    await eventually(
      async () => {
        const outcomes = await Promise.all(kinds.map((kind) => send(kind, inARow)))
        inARow = outcomes.every((outcome) => outcome.startsWith('2')) ? inARow + 1 : 0
        return inARow === 3
      },
      { timeoutMs, what: 'everything is answered well again' },
    )
    return performance.now() - startedAt
  }
  await untilWell(60_000)
  return {
    send,
    run: async ({ ratePerSecond, durationMs }) => {
      const results = await Promise.all(
        kinds.map((kind) => runOpenLoop({ ratePerSecond, durationMs, send: (index) => send(kind, index) })),
      )
      return Object.fromEntries(kinds.map((kind, index) => [kind, results[index]])) as Record<Kind, OpenLoopResult>
    },
    untilWell,
    close: load.close,
  }
}
