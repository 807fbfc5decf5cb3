import { ServiceError } from '@fanone/service-kit'
import { uploadKey } from '@fanone/storage'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { userWithId, type VideoParts, videoParts } from './video-parts.ts'

let parts: VideoParts
beforeAll(async () => {
  parts = await videoParts()
})
afterAll(() => parts.close())

const author = userWithId(5)

test('masked texts are what is stored, found and told', async () => {
  const masking = {
    check: <Texts extends object>(texts: Texts) => JSON.parse(JSON.stringify(texts).replaceAll('bad', '***')),
  }
  const { publications, catalogue } = await parts.instance(masking)
  const uploadId = await parts.upload(parts.clip)
  const video = await publications.publish(author, { uploadId, title: 'a bad title', description: '' })
  expect(video.title).toBe('a *** title')
  const edited = await catalogue.edit(author, { id: video.id, description: 'bad' })
  expect(edited).toMatchObject({ title: 'a *** title', description: '***' })
  const events = await parts.eventsOf(video.id)
  expect(events.map(({ data }) => [data.title, data.description])).toEqual([
    ['a *** title', ''],
    ['a *** title', '***'],
  ])
  // Masking what is masked already changes nothing.
  expect((await catalogue.edit(author, { id: video.id, description: 'bad' })).version).toBe(edited.version)
})

test('a refused publication leaves nothing behind, and what is published already stays published', async () => {
  const { publications } = await parts.instance({
    check: () => {
      throw new ServiceError('sensitive_words')
    },
  })
  const uploadId = await parts.upload(parts.clip)
  const refused = publications.publish(author, { uploadId, title: 'bad', description: '' })
  await expect(refused).rejects.toMatchObject({ code: 'sensitive_words' })
  expect(await parts.keys()).not.toContain(uploadKey(uploadId))
  const before = await parts.upload(parts.clip)
  const video = await parts.publications.publish(author, { uploadId: before, title: 'fine', description: '' })
  expect(await publications.publish(author, { uploadId: before, title: 'fine', description: '' })).toEqual(video)
})
