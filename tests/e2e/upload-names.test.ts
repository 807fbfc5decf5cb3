import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { clipFile, type Member, newMember, randomName } from '../support/community.ts'
import { type Answer, send } from '../support/http.ts'
import { hostileNames } from '../support/names.ts'
import { home, root } from '../support/stack.ts'
import { storedFiles } from '../support/uploads.ts'
import { walk } from '../support/walk.ts'

let member: Member
let clip: Buffer
beforeAll(async () => {
  member = await newMember('names')
  clip = await readFile(await clipFile())
})

const mark = randomName('mark')

/** No header may hold NUL, and a part without the name of a file is a field. */
const refused = ['NUL', 'nothing but dots', 'nothing']

/** The form by hand: `FormData` would tidy names up. */
function uploadNamed(path: string, fileField: string, name: string): Promise<Answer> {
  const part = (head: string) => `--boundary\r\nContent-Disposition: form-data; ${head}\r\n\r\n`
  const texts = { title: 'named', description: 'x', token: member.tokens.accessToken }
  const fields = Object.entries(texts).map(([field, value]) => `${part(`name="${field}"`)}${value}\r\n`)
  const quoted = name.replaceAll('"', '%22')
  const body = Buffer.concat([
    Buffer.from(`${fields.join('')}${part(`name="${fileField}"; filename="${quoted}"`)}`),
    clip,
    Buffer.from('\r\n--boundary--\r\n'),
  ])
  const headers = { 'content-type': 'multipart/form-data; boundary=boundary', 'access-token': texts.token }
  return send('POST', path, { token: texts.token, headers, body: Uint8Array.from(body) })
}

/** Paths anywhere the services could write that bear the mark. */
async function marked(): Promise<string[]> {
  const within = async (folder: string) => (await readdir(folder)).map((name) => join(folder, name))
  const under = async (folder: string) => (await walk(folder)).map(({ parentPath, name }) => join(parentPath, name))
  const places = [
    await under(home),
    await within(tmpdir()),
    await within('/'),
    await within(root),
    ...(await Promise.all(['gateway', 'video'].map((service) => under(`${root}/services/${service}`)))),
  ]
  return places.flat().filter((path) => path.includes(mark))
}

/** All three APIs take files in the same way, so that one sees every name and the others some. */
const apis = [
  ['/v1/videos', 'file', 1],
  ['/video/publish', 'data', 5],
  ['/douyin/publish/action/', 'data', 5],
] as const

test.each(apis)(
  '%s: whatever a file is called, names on disk are made by the server',
  { timeout: 180_000 },
  async (path, field, step) => {
    const before = await storedFiles()
    const names = hostileNames(mark).filter((_name, index) => index % step === 0)
    for (const [what, name] of names) {
      const { status, text } = await uploadNamed(path, field, name)
      const isTaken = !refused.includes(what)
      expect(text, what).not.toContain(mark)
      if (path === '/v1/videos') expect([what, status]).toEqual([what, isTaken ? 201 : 400])
      else expect([what, status, /"code":10000\b|"status_code":0\b/.test(text)]).toEqual([what, 200, isTaken])
    }
    const added = (await storedFiles()).filter((file) => !before.includes(file))
    expect(added).toHaveLength(2 * names.filter(([what]) => !refused.includes(what)).length)
    for (const file of added) expect(file).toMatch(/^media\/[0-9a-f]{32}\/(video\.mp4|cover\.jpg)$/)
    expect(await marked()).toEqual([])
  },
)

test.each(apis)('%s: a name longer than a header may be is refused', async (path, field) => {
  const before = await storedFiles()
  const { status, text } = await uploadNamed(path, field, `${mark}${'a'.repeat(100_000)}.mp4`)
  expect(path === '/v1/videos' ? status : text).toEqual(path === '/v1/videos' ? 400 : expect.stringContaining('10002'))
  expect(await storedFiles()).toEqual(before)
})
