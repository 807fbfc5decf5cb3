import { readFile } from 'node:fs/promises'
import { Upload as TusUpload } from 'tus-js-client'
import { expect, test } from 'vitest'
import { clipFile, newMember } from '../support/community.ts'
import { send } from '../support/http.ts'
import { apiUrl } from '../support/stack.ts'
import { publishedBy, storedFiles } from '../support/uploads.ts'

test('a file that tus-js-client sends in pieces is published by its id, and leaves when it is deleted', async () => {
  const member = await newMember()
  const clip = await readFile(await clipFile())
  const token = member.tokens.accessToken
  const path = await new Promise<string>((resolve, reject) => {
    const upload = new TusUpload(clip, {
      endpoint: `${apiUrl}/v1/uploads`,
      headers: { authorization: `Bearer ${token}` },
      chunkSize: Math.ceil(clip.length / 3),
      onError: reject,
      onSuccess: () => resolve(new URL(upload.url ?? '').pathname),
    })
    upload.start()
  })
  const uploadId = path.split('/').at(-1) ?? ''
  const { status, json } = await send('POST', '/v1/videos', { token, json: { uploadId, title: 'resumed' } })
  expect(status).toBe(201)
  const { id, videoUrl } = json as { id: number; videoUrl: string }
  expect(await publishedBy(member)).toEqual([id])
  expect(Buffer.from(await (await fetch(videoUrl)).arrayBuffer()).equals(clip)).toBe(true)
  expect((await send('DELETE', `/v1/videos/${id}`, { token })).status).toBeLessThan(300)
  expect((await storedFiles()).filter((file) => file.includes(uploadId))).toEqual([])
})
