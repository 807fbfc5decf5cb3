import { randomBytes } from 'node:crypto'
import { type ClientRequest, request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { api, type Member, randomName } from './community.ts'
import { type Answer, send } from './http.ts'
import { apiUrl, eventually, home } from './stack.ts'
import { walk } from './walk.ts'

/** Where the stack keeps media. */
export const mediaStore = join(home, 'data/media-store')

/** Every file of the media store, hidden ones too; the first upload makes its folder. */
export async function storedFiles(): Promise<string[]> {
  return (await walk(mediaStore))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(mediaStore.length + 1))
    .sort()
}

/**
 * The same once nothing is being written: what a test before has broken off may be on its way out.
 */
export async function restingFiles(): Promise<string[]> {
  return eventually(
    async () => {
      const files = await storedFiles()
      return !files.some((file) => file.startsWith('.incoming/')) && files
    },
    { what: 'nothing is being written' },
  )
}

/** The header of a `free` box (ISO/IEC 14496-12, 8.1.2) with a 64-bit size: padding follows. */
export function paddingHeader(boxBytes: number): Buffer {
  const header = Buffer.alloc(16)
  header.writeUInt32BE(1)
  header.write('free', 4, 'latin1')
  header.writeBigUInt64BE(BigInt(boxBytes), 8)
  return header
}

/** The same video as a file of exactly this size. */
export function padded(clip: Buffer, fileBytes: number): Buffer {
  const bytes = Buffer.alloc(fileBytes)
  clip.copy(bytes)
  paddingHeader(fileBytes - clip.length).copy(bytes, clip.length)
  return bytes
}

/** Fields of a form in order; files with their claimed name and type. */
export type Field = [name: string, value: string | File]

/** Publishes whatever it is given. */
export function upload(
  member: Pick<Member, 'tokens'>,
  fields: Field[],
  path = '/v1/videos',
  headers: Record<string, string> = {},
): Promise<Answer> {
  return send('POST', path, { token: member.tokens.accessToken, headers, body: formOf(fields) })
}

/** The form with a title and one file that claims to be a video. */
export function uploadFile(member: Member, bytes: Uint8Array, name = 'clip.mp4', type = 'video/mp4'): Promise<Answer> {
  return upload(member, [
    ['title', randomName('upload')],
    ['file', fileOf(bytes, name, type)],
  ])
}

export function fileOf(bytes: Uint8Array, name = 'clip.mp4', type = 'video/mp4'): File {
  return new File([Uint8Array.from(bytes)], name, { type })
}

export function formOf(fields: Field[]): FormData {
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  return form
}

/** An upload that is sent by hand: the request has its headers and no body yet. */
export interface OpenUpload {
  request: ClientRequest
  /** The multipart framing before and after the bytes of the file. */
  head: Buffer
  tail: Buffer
  answer: Promise<{ status: number; json: unknown }>
}

/** @param fileBytes size of the file that will follow; without it the body is sent in chunks */
export function openUpload(
  member: Member,
  options: { fileBytes?: number; headers?: Record<string, string> } = {},
): OpenUpload {
  const boundary = `----${randomBytes(12).toString('hex')}`
  const field = (name: string, rest: string) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${rest}`
  const file = field('file', '; filename="big.mp4"\r\nContent-Type: video/mp4\r\n\r\n')
  const head = Buffer.from(`${field('title', `\r\n\r\n${randomName('by hand')}\r\n`)}${file}`)
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  const { fileBytes } = options
  const request = httpRequest(`${apiUrl}/v1/videos`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${member.tokens.accessToken}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      ...(fileBytes === undefined ? {} : { 'content-length': head.length + fileBytes + tail.length }),
      ...options.headers,
    },
  })
  const answer = new Promise<{ status: number; json: unknown }>((resolve, reject) => {
    request.once('error', reject)
    request.once('response', async (response) => {
      const text = Buffer.concat(await response.toArray()).toString()
      resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) })
    })
  })
  answer.catch(() => undefined)
  return { request, head, tail, answer }
}

/** Ids of everything a member has published. */
export async function publishedBy(member: Member): Promise<number[]> {
  const { items } = await api().videos.listByAuthor({ id: member.user.id, limit: 100 })
  return items.map(({ id }) => id)
}
