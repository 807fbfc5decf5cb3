import { ServiceError } from '@fanone/service-kit'
import { beforeEach, describe, expect, it } from 'vitest'
import { EndedSessions } from './ended-sessions.ts'
import { LastingTokens } from './lasting-tokens.ts'

interface Ended {
  sessionId: string
  endedAt: string
}

const PAGE = 2
let nowMs: number
/** What has been committed, in the order of the ends. */
let committed: Ended[]
let isAway: boolean
let asked: (Ended | undefined)[]

beforeEach(() => {
  nowMs = Date.parse('2026-11-28T12:00:00.000Z')
  committed = []
  isAway = false
  asked = []
})

const at = (ms: number) => new Date(ms).toISOString()
const end = (sessionId: string, endedAtMs = nowMs) => {
  committed.push({ sessionId, endedAt: at(endedAtMs) })
  committed.sort((one, other) => (one.endedAt < other.endedAt ? -1 : 1))
}
const listEnded = async ({ after }: { after?: Ended | undefined }) => {
  asked.push(after)
  if (isAway) throw new ServiceError('unavailable')
  const { endedAt, sessionId } = after ?? { endedAt: at(nowMs - 960_000), sessionId: '' }
  const rest = committed.filter(
    (one) => one.endedAt > endedAt || (one.endedAt === endedAt && one.sessionId > sessionId),
  )
  return { items: rest.slice(0, PAGE), isLast: rest.length < PAGE, asOf: at(nowMs) }
}
const newGateway = () => new EndedSessions({ user: { listEnded } as never, now: () => nowMs })

describe('ended sessions', () => {
  it('a gateway that starts later knows them all before it lets anybody in', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) end(id)
    const gateway = newGateway()
    expect(await Promise.all(['a', 'e', 'f'].map((id) => gateway.has(id)))).toEqual([true, true, false])
    expect(asked).toHaveLength(3)
  })

  it('what ended since is known after the next reading, and asking costs no call', async () => {
    const gateway = newGateway()
    expect(await gateway.has('a')).toBe(false)
    end('a')
    nowMs += 1_000
    await gateway.load()
    const calls = asked.length
    expect(await gateway.has('a')).toBe(true)
    expect(asked).toHaveLength(calls)
  })

  it('one that was committed late, behind others, is not missed', async () => {
    const gateway = newGateway()
    const begunAt = nowMs
    nowMs += 20_000
    end('fast')
    await gateway.load()
    end('slow', begunAt)
    nowMs += 1_000
    await gateway.load()
    expect(await gateway.has('slow')).toBe(true)
  })

  it('what ended while the user service was away is known when it is back, however long that took', async () => {
    const gateway = newGateway()
    await gateway.load()
    isAway = true
    end('a')
    nowMs += 30 * 60_000
    await expect(gateway.load()).rejects.toMatchObject({ code: 'unavailable' })
    expect(await gateway.has('a')).toBe(false)
    isAway = false
    end('b')
    await gateway.load()
    expect(await gateway.has('b')).toBe(true)
  })

  it('a gateway that could not read them even once lets nobody in', async () => {
    isAway = true
    const gateway = newGateway()
    await expect(gateway.has('a')).rejects.toMatchObject({ code: 'unavailable' })
    isAway = false
    expect(await gateway.has('a')).toBe(false)
  })

  it('those whose tokens have expired are forgotten', async () => {
    const gateway = newGateway()
    end('a')
    await gateway.load()
    expect(await gateway.has('a')).toBe(true)
    nowMs += 16 * 60_000 + 1
    await gateway.load()
    expect(await gateway.has('a')).toBe(false)
  })
})

describe('tokens that last', () => {
  const verifier = { verify: async (token: string) => ({ userId: 42, sessionId: token }) }
  let seen: string[]
  let open: Set<string>
  const see = async ({ sessionId }: { sessionId: string }) => {
    seen.push(sessionId)
    if (isAway) throw new ServiceError('unavailable')
    return { isOpen: open.has(sessionId) }
  }
  const newLasting = () => new LastingTokens({ verifier, user: { see } as never, now: () => nowMs })

  beforeEach(() => {
    seen = []
    open = new Set(['s'])
  })

  it('cost one call in ten minutes, however many requests come', async () => {
    const tokens = newLasting()
    await Promise.all(Array.from({ length: 50 }, () => tokens.verify('s')))
    nowMs += 599_000
    expect(await tokens.verify('s')).toEqual({ userId: 42, sessionId: 's' })
    expect(seen).toEqual(['s'])
    nowMs += 2_000
    open.clear()
    await expect(tokens.verify('s')).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('of an ended session are refused', async () => {
    await expect(newLasting().verify('ended')).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('are neither good nor bad while the user service is away, and good again behind it', async () => {
    const tokens = newLasting()
    isAway = true
    await expect(tokens.verify('s')).rejects.toMatchObject({ code: 'unavailable' })
    isAway = false
    await expect(tokens.verify('s')).resolves.toBeDefined()
  })
})
