import { ServiceError } from '@fanone/service-kit'
import { describe, expect, it } from 'vitest'
import { createFlags } from './flags.ts'

const viewer = { userId: 7, sessionId: 'test' }
const missing = () => {
  throw new Error('nobody was to be asked')
}
/** Services that a test plays. */
const playing = ({ likes = missing, follows = missing }: { likes?: unknown; follows?: unknown } = {}) =>
  createFlags({ interaction: { likes: { flags: likes } }, relation: { follows: { followed: follows } } } as never)

describe('flags of what a page shows', () => {
  it('are nobody’s without a viewer, and nobody is asked', async () => {
    expect(await playing().likedBy(undefined, 'video', [1, 2])).toEqual(new Set())
    expect(await playing().likedBy(viewer, 'video', [])).toEqual(new Set())
    expect(await playing().followedBy(undefined, [1, 2])).toEqual(new Set())
    expect(await playing().followedBy(viewer, [viewer.userId])).toEqual(new Set())
  })

  it('are asked for in batches of 100', async () => {
    const asked: number[] = []
    const likes = async ({ ids }: { ids: number[] }) => {
      asked.push(ids.length)
      return { liked: ids.filter((id) => id % 50 === 0) }
    }
    const ids = Array.from({ length: 230 }, (_, index) => index + 1)
    expect(await playing({ likes }).likedBy(viewer, 'video', ids)).toEqual(new Set([50, 100, 150, 200]))
    expect(asked).toEqual([100, 100, 30])
  })

  it('show whom the viewer follows, each asked for once', async () => {
    const asked: unknown[] = []
    const follows = async (input: { userId: number; otherIds: number[] }) => {
      asked.push(input)
      return { followed: input.otherIds.filter((userId) => userId === 2) }
    }
    expect(await playing({ follows }).followedBy(viewer, [1, 2, 2, 7])).toEqual(new Set([2]))
    expect(asked).toEqual([{ userId: 7, otherIds: [1, 2] }])
  })

  it.each(['unavailable', 'timeout', 'internal'] as const)('are false where a service is %s', async (code) => {
    const failing = async () => {
      throw new ServiceError(code)
    }
    const flags = playing({ likes: failing, follows: failing })
    expect(await flags.likedBy(viewer, 'video', [1])).toEqual(new Set())
    expect(await flags.followedBy(viewer, [1])).toEqual(new Set())
  })
})
