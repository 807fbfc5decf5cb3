import { describe, expect, it } from 'vitest'
import { shareTimelines } from './timelines.ts'

/** A feed service that a test plays: it counts what it is asked and answers when told. */
function playing() {
  const asked: unknown[] = []
  const answers: PromiseWithResolvers<unknown>[] = []
  const ask = (input: unknown) => {
    asked.push(input)
    const answer = Promise.withResolvers<unknown>()
    answers.push(answer)
    return answer.promise
  }
  const timelines = { newest: ask, popular: ask, between: ask, following: ask }
  return { feed: shareTimelines({ timelines } as never), asked, answers }
}

const page = { items: [], nextCursor: null }
const nextTurn = () => new Promise(setImmediate)

describe('pages of the feed', () => {
  it('that are asked for at the same time are fetched once', async () => {
    const { feed, asked, answers } = playing()
    const wanted = Array.from({ length: 50 }, () => feed.newest({ limit: 30 }))
    await nextTurn()
    expect(asked).toEqual([{ limit: 30 }])
    answers[0]?.resolve(page)
    expect(await Promise.all(wanted)).toEqual(wanted.map(() => page))
  })

  it('are fetched anew for who asks later, also after a failure', async () => {
    const { feed, asked, answers } = playing()
    const failing = [feed.newest({ limit: 30 }), feed.newest({ limit: 30 })]
    await nextTurn()
    answers[0]?.reject(new Error('no'))
    for (const one of failing) await expect(one).rejects.toThrow('no')
    const later = feed.newest({ limit: 30 })
    await nextTurn()
    answers[1]?.resolve(page)
    expect(await later).toEqual(page)
    void feed.newest({ limit: 30 })
    await nextTurn()
    expect(asked).toHaveLength(3)
  })

  it('that differ, or belong to different users, are not shared', async () => {
    const { feed, asked } = playing()
    void feed.newest({ limit: 30 })
    void feed.newest({ limit: 29 })
    void feed.newest({ limit: 30, cursor: 'further' })
    void feed.popular({ period: 'day', limit: 30 })
    void feed.popular({ period: 'week', limit: 30 })
    void feed.following({ userId: 1, limit: 30 })
    void feed.following({ userId: 2, limit: 30 })
    await nextTurn()
    expect(asked).toHaveLength(7)
  })
})
