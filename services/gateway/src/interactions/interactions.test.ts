import type { interactionContract } from '@fanone/contracts'
import { type ServiceClient, ServiceError } from '@fanone/service-kit'
import { describe, expect, it } from 'vitest'
import { LikesService } from './likes.service.ts'
import { VisitsService } from './visits.service.ts'

type Interaction = ServiceClient<typeof interactionContract>

const viewer = { userId: 7, sessionId: 'test' }
/** An interaction service that a test plays. */
const playing = (parts: object) => parts as unknown as Interaction

describe('flags of what a page shows', () => {
  it('are nobody’s without a viewer, and nobody is asked', async () => {
    const likes = new LikesService(playing({}))
    expect(await likes.likedBy(undefined, 'video', [1, 2])).toEqual(new Set())
    expect(await likes.likedBy(viewer, 'video', [])).toEqual(new Set())
  })

  it('are asked for in batches of 100', async () => {
    const asked: number[] = []
    const flags = async ({ viewers }: { viewers: { ids: number[] }[] }) => {
      asked.push(...viewers.map(({ ids }) => ids.length))
      return { liked: viewers.map(({ ids }) => ids.filter((id) => id % 50 === 0)) }
    }
    const likes = new LikesService(playing({ likes: { flags } }))
    const ids = Array.from({ length: 230 }, (_, index) => index + 1)
    expect(await likes.likedBy(viewer, 'video', ids)).toEqual(new Set([50, 100, 150, 200]))
    expect(asked).toEqual([100, 100, 30])
  })

  it.each(['unavailable', 'timeout', 'internal'] as const)('are false where interaction is %s', async (code) => {
    const flags = async () => {
      throw new ServiceError(code)
    }
    expect(await new LikesService(playing({ likes: { flags } })).likedBy(viewer, 'video', [1])).toEqual(new Set())
  })
})

describe('a visitor', () => {
  const visitOf = async (options: { key?: string; address?: string; identity?: typeof viewer }) => {
    const { key = 'key', address = 'ip:192.0.2.7', identity } = options
    let sent: unknown
    const record = async (input: unknown) => {
      sent = input
      return { counted: true }
    }
    await new VisitsService(playing({ visits: { record } }), key).record(
      { kind: 'video', id: 1 },
      { identity, address },
    )
    return sent as { visitor?: string }
  }

  it('without a token is the same whenever they come from the same address, and somebody else from another', async () => {
    const { visitor } = await visitOf({})
    expect(visitor).toMatch(/^[0-9a-f]{32}$/)
    expect((await visitOf({})).visitor).toBe(visitor)
    expect((await visitOf({ address: 'ip:192.0.2.8' })).visitor).not.toBe(visitor)
  })

  it('cannot be found by hashing all addresses without the key', async () => {
    expect((await visitOf({ key: 'another' })).visitor).not.toBe((await visitOf({})).visitor)
  })

  it('with a token is the user, whatever the address', async () => {
    expect(await visitOf({ identity: viewer })).toEqual({ target: { kind: 'video', id: 1 } })
  })
})
