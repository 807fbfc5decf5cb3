import { operation } from '@fanone/contracts'
import type { ContractRouterClient } from '@orpc/contract'
import { type AnyRouter, createRouterClient, os } from '@orpc/server'
import { describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { createRouter, type Operations } from './operations.ts'

const schemas = {
  idempotency: 'safe',
  input: z.object({ id: z.number() }),
  output: z.object({ id: z.number() }),
} as const
const contract = {
  notes: { get: operation('notes.get', schemas), list: operation('notes.list', schemas) },
  tags: { list: operation('tags.list', schemas) },
}
const echo = ({ input }: { input: { id: number } }) => input
const middleware = os.middleware
const context = { identity: undefined, idempotencyKey: undefined }

const whole: Operations<typeof contract> = { notes: { get: echo, list: echo }, tags: { list: echo } }

const clientOf = (router: AnyRouter) =>
  createRouterClient(router, { context }) as unknown as ContractRouterClient<typeof contract>

test('a function answers each operation of the contract', async () => {
  const router = createRouter(contract, { ...whole, tags: { list: ({ input }) => ({ id: input.id + 1 }) } })
  expect(await clientOf(router).notes.get({ id: 1 })).toEqual({ id: 1 })
  expect(await clientOf(router).tags.list({ id: 1 })).toEqual({ id: 2 })
})

test('middleware runs before every operation', async () => {
  const seen: string[] = []
  const note = (name: string) =>
    middleware(({ next }) => {
      seen.push(name)
      return next()
    })
  await clientOf(createRouter(contract, whole, note('first'), note('second'))).notes.list({ id: 1 })
  expect(seen).toEqual(['first', 'second'])
})

describe('the compiler refuses', () => {
  it('an operation that nobody implements', () => {
    // @ts-expect-error notes.list is missing
    const forgotten: Operations<typeof contract> = { notes: { get: echo }, tags: { list: echo } }
    expect(() => createRouter(contract, forgotten)).toThrow('notes.list is declared and not implemented')
    // @ts-expect-error a whole noun is missing
    expect(() => createRouter(contract, { notes: { get: echo, list: echo } })).toThrow('tags is declared')
  })

  it('an operation that the contract does not have', () => {
    // @ts-expect-error there is no notes.burn
    const added: Operations<typeof contract.notes> = { get: echo, list: echo, burn: echo }
    expect(added).toBeDefined()
  })

  it('an answer that is not what the contract says', () => {
    // @ts-expect-error the id must be a number
    const wrong: Operations<typeof contract.tags> = { list: () => ({ id: 'one' }) }
    expect(wrong).toBeDefined()
  })
})
