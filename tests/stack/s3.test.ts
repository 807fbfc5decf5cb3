import { openAsBlob } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { V1Session, V1User, V1Video } from '@fanone/contracts/gateway'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { z } from 'zod'
import { clipFile, randomName } from '../support/community.ts'
import { type Installation, newInstallation } from '../support/installation.ts'
import { isFull } from '../support/sampling.ts'
import { eventually, root } from '../support/stack.ts'

// A plain run tries the same with the parts of one service (tests/storage/s3-video.test.ts).

let installation: Installation
beforeAll(async () => {
  installation = await newInstallation({ checkout: root, env: { STORAGE: 's3' } })
})
afterAll(() => installation.remove())

/** Sends a request to the API, and reads JSON. */
async function call<Body>(method: string, path: string, body?: FormData | object, token?: string): Promise<Body> {
  const isForm = body instanceof FormData
  const response = await fetch(`http://127.0.0.1:${installation.portBase + 1_080}${path}`, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body && !isForm ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
  })
  expect(response.status, path).toBeLessThan(300)
  return (response.status === 204 ? undefined : await response.json()) as Body
}

function form(fields: Record<string, string | Blob>): FormData {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  return body
}

/** What is in the bucket, and not in the server's own folders. */
async function objects(): Promise<string[]> {
  const bucket = join(installation.home, 'data/s3/fanone')
  const entries = await readdir(bucket, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return files.map((file) => file.slice(bucket.length + 1)).filter((file) => /^(media|uploads)\//.test(file))
}

test.skipIf(!isFull)(
  'an installation on S3 takes, plays and deletes a video, shows an avatar, and has no file elsewhere',
  { timeout: 600_000 },
  async () => {
    const start = await installation.run('start', '--no-demo')
    expect(start.exitCode, start.output).toBe(0)
    const credentials = { username: randomName(), password: randomName('password') }
    const { tokens } = await call<z.infer<typeof V1Session>>('POST', '/v1/users', credentials)
    const token = tokens.accessToken
    const picture = await sharp({ create: { width: 300, height: 300, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    const file = new Blob([picture])
    const { avatarUrl } = await call<V1User>('PUT', '/v1/users/me/avatar', form({ file }), token)
    expect((await fetch(avatarUrl)).headers.get('content-type')).toBe('image/webp')
    const clip = await openAsBlob(await clipFile())
    const video = await call<V1Video>('POST', '/v1/videos', form({ title: 'on S3', file: clip }), token)
    await eventually(async () => {
      const { items } = await call<{ items: V1Video[] }>('GET', '/v1/feeds/newest')
      return items.some(({ id }) => id === video.id)
    })
    const part = await fetch(video.videoUrl, { headers: { range: 'bytes=4-7' } })
    expect([part.status, await part.text()]).toEqual([206, 'ftyp'])
    await call('PUT', `/v1/videos/${video.id}/cover`, form({ file }), token)
    await call('DELETE', `/v1/videos/${video.id}`, undefined, token)
    await call('DELETE', '/v1/users/me/avatar', undefined, token)
    await eventually(async () => (await objects()).length === 0)
    expect(await readdir(join(installation.home, 'data'))).not.toContain('media-store')
  },
)
