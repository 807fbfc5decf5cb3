import { userUpdated, videoDeleted, videoPublished } from '@fanone/contracts'
import { expect, test } from 'vitest'
import { defineService, eventOf, inBatches, type ServiceParts } from './declaration.ts'
import type { EventHandler } from './subscriptions.ts'

const base = { appId: 'shop', summary: 'Things for sale', port: 7990 } as const

test('the compiler refuses a call of what no contract has', () => {
  // @ts-expect-error profiles.getMny is no operation of user
  defineService({ ...base, calls: { user: { 'profiles.getMny': 'a slip of the pen' } } })
  // @ts-expect-error there is no service usr
  defineService({ ...base, calls: { usr: { 'profiles.getMany': 'a slip of the pen' } } })
  // @ts-expect-error a declaration has no subscribe
  defineService({ ...base, subscribe: [userUpdated] })
  expect(defineService({ ...base, calls: { user: { 'profiles.getMany': 'names' } } }).calls).toBeDefined()
})

test('the compiler refuses a subscription without its handler', () => {
  const service = defineService({
    ...base,
    subscribes: [userUpdated, inBatches(videoPublished, 10)],
    workers: ['sweep'],
  })
  const rename: EventHandler<typeof userUpdated> = async () => 'handled'
  const workers = { sweep: { name: 'sweep', start: () => {}, stop: () => {} } }
  const addAll = async () => []
  const parts: ServiceParts<typeof service> = {
    handlers: { 'user.updated': rename, 'video.published': addAll },
    workers,
  }
  // @ts-expect-error video.published is missing
  const forgotten: ServiceParts<typeof service> = { handlers: { 'user.updated': rename }, workers }
  const handlers = parts.handlers
  // @ts-expect-error the worker is missing
  const idle: ServiceParts<typeof service> = { handlers, workers: {} }
  expect([parts, forgotten, idle]).toHaveLength(3)
})

test('an entry of the subscriptions has an event, alone or in batches', () => {
  expect([videoDeleted, inBatches(videoDeleted, 10)].map(eventOf)).toEqual([videoDeleted, videoDeleted])
})
