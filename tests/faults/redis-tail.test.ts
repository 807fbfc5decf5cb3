import { readdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newMember, publish } from '../support/community.ts'
import { freeze, keepDown } from '../support/faults.ts'
import { eventually, healthy, home } from '../support/stack.ts'
import { awaitQuiescence } from './ledger/quiescence.ts'
import { withRedis } from './ledger/stores.ts'
import { checkReadModel, readRows } from './ledger/workloads/videos-check.ts'

/** What Redis adds to between two rewrites: `appendonlydir/appendonly.aof.<n>.incr.aof`. */
async function appendOnlyFile(): Promise<string> {
  const folder = join(home, 'data/redis/appendonlydir')
  const names = (await readdir(folder)).filter((name) => name.endsWith('.incr.aof'))
  return join(folder, names.toSorted().at(-1) as string)
}

test('what Redis had not written when the machine failed is repaired, though Kafka takes its events for handled', async () => {
  const member = await newMember()
  const [edited, deleted] = await Promise.all([publish(member), publish(member)])
  await awaitQuiescence()
  const file = await appendOnlyFile()
  const { size } = await stat(file)

  const published = await publish(member)
  await member.api.videos.edit({ id: edited.id, title: 'edited in the last second' })
  await member.api.videos.delete({ id: deleted.id })
  await awaitQuiescence()
  expect(await checkReadModel(await readRows([member.user.id]))).toEqual([])

  const letRedisComeBack = await keepDown('redis')
  await truncate(file, size)
  const thawFeed = await freeze('feed')
  await letRedisComeBack()
  await healthy('redis')
  const lost = await withRedis((redis) => redis.exists(`feed:card:${published.id}`))
  expect(lost, 'the last moments are lost').toBe(0)
  thawFeed()
  await eventually(async () => {
    expect(await checkReadModel(await readRows([member.user.id]))).toEqual([])
    return true
  })
})
