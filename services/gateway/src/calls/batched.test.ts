import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { batched } from './batched.ts'

/** Calls that a test answers one by one. */
function playing({ maxQuestions = 100, timeoutMs = 10_000 } = {}) {
  const calls: { questions: readonly number[]; end: () => void; fail: (reason: Error) => void }[] = []
  const ask = batched<number, string>({
    maxQuestions,
    timeoutMs,
    call: async (questions) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      calls.push({ questions, end: resolve, fail: reject })
      await promise
      return questions.map((question) => `answer to ${question}`)
    },
  })
  const asked = () => calls.map(({ questions }) => questions)
  return { ask, calls, asked }
}

const nextTurn = () => new Promise(setImmediate)

describe('questions that many requests ask', () => {
  it('go out at once while little is asked', async () => {
    const { ask, asked } = playing()
    for (const question of [1, 2]) {
      void ask(question)
      await nextTurn()
    }
    expect(asked()).toEqual([[1], [2]])
  })

  it('share a call once two are under way, and each gets its own answer', async () => {
    const { ask, asked, calls } = playing()
    const answers = []
    for (const question of [1, 2, 3, 4, 5]) {
      answers.push(ask(question))
      await nextTurn()
    }
    expect(asked()).toEqual([[1], [2]])
    calls[1]?.end()
    await expect(answers[1]).resolves.toBe('answer to 2')
    await nextTurn()
    expect(asked()).toEqual([[1], [2], [3, 4, 5]])
    for (const { end } of calls) end()
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 5].map((question) => `answer to ${question}`))
  })

  it('are never more in a call than it takes', async () => {
    const { ask, asked, calls } = playing({ maxQuestions: 2 })
    const answers = [1, 2, 3, 4, 5].map((question) => ask(question))
    await nextTurn()
    expect(asked()).toEqual([
      [1, 2],
      [3, 4],
    ])
    calls[0]?.end()
    await answers[0]
    await nextTurn()
    expect(asked()).toEqual([[1, 2], [3, 4], [5]])
  })

  it('fail together with their call, and only they', async () => {
    const { ask, calls } = playing()
    const failing = ask(1)
    await nextTurn()
    const other = ask(2)
    await nextTurn()
    calls[0]?.fail(new Error('no'))
    await expect(failing).rejects.toThrow('no')
    calls[1]?.end()
    await expect(other).resolves.toBe('answer to 2')
    const later = ask(3)
    await nextTurn()
    calls[2]?.end()
    await expect(later).resolves.toBe('answer to 3')
  })

  it('wait no longer than they may, also where they wait for others', async () => {
    const { ask, asked } = playing({ timeoutMs: 20 })
    const answers = []
    for (const question of [1, 2, 3]) {
      answers.push(ask(question).catch((error: unknown) => error))
      await nextTurn()
    }
    for (const answer of answers) expect(await answer).toMatchObject({ code: 'timeout' })
    expect(asked()).toEqual([[1], [2]])
  })

  it('belong to the request that opened the batch, whoever made room for it', async () => {
    const request = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    const ends: (() => void)[] = []
    const ask = batched<number, number>({
      maxQuestions: 10,
      timeoutMs: 10_000,
      call: async (questions) => {
        seen.push(request.getStore())
        await new Promise<void>((resolve) => ends.push(resolve))
        return [...questions]
      },
    })
    for (const name of ['first', 'second', 'third']) {
      void request.run(name, () => ask(1))
      await nextTurn()
    }
    ends[0]?.()
    await expect.poll(() => seen).toEqual(['first', 'second', 'third'])
  })
})
