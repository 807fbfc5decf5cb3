import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, openAsBlob } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { TokenPair } from '@fanone/contracts'
import { type V1Session, type V1User, type V1Video, v1Contract } from '@fanone/contracts/gateway'
import { fromProblem } from '@fanone/service-kit'
import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { execa } from 'execa'
import { decodeJwt } from 'jose'
import { untilHashed } from './hashing.ts'
import { apiUrl, eventually } from './stack.ts'

/**
 * A typed client of the native API; errors are `ServiceError`s with the code of the problem
 * document.
 */
export type Api = ContractRouterClient<typeof v1Contract>

/**
 * @param accessToken of the user; none for an anonymous visitor
 * @param headers added to every request
 * @param url of another installation than the one that tests share
 */
export function api(accessToken?: string, headers: Record<string, string> = {}, url = apiUrl): Api {
  const link = new OpenAPILink(v1Contract, {
    url,
    headers: accessToken ? { ...headers, authorization: `Bearer ${accessToken}` } : headers,
    customErrorResponseBodyDecoder: (body) => fromProblem(body as { code?: unknown }),
    fetch: async (request, init) => relabelProblem(await fetchHashed(request, init)),
  })
  return createORPCClient(link) as Api
}

async function fetchHashed(request: Request, init: RequestInit): Promise<Response> {
  const { response } = await untilHashed(async () => {
    const response = await fetch(request.clone(), init)
    return { response, text: response.status === 429 ? await response.clone().text() : '' }
  })
  return response
}

/** oRPC's fetch adapter reads `application/json` as JSON and every other `…+json` as a file. */
function relabelProblem(response: Response): Response {
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) return response
  const headers = new Headers(response.headers)
  headers.set('content-type', 'application/json')
  return new Response(response.body, { status: response.status, headers })
}

export interface Member {
  user: V1User
  password: string
  tokens: TokenPair
  api: Api
}

/** One that no list of passwords has. */
export const GOOD_PASSWORD = 'tin roof & rain'

export const randomName = (prefix = 'user') => `${prefix}_${randomBytes(6).toString('hex')}`

/**
 * With a key: who is told to come back, where the machine is slow or a part was just killed, comes
 * back as the same.
 */
function register(credentials: { username: string; password: string }) {
  const { users } = api(undefined, { 'idempotency-key': randomUUID() })
  return eventually(() => users.register(credentials))
}

/** Registers a new user, so that tests do not depend on each other. */
export async function newMember(prefix?: string): Promise<Member> {
  const password = randomBytes(9).toString('base64url')
  const { user, tokens } = await register({ username: randomName(prefix), password })
  return { user, password, tokens: pairOf(tokens), api: api(tokens.accessToken) }
}

/** The tokens of an answer to who keeps none in a cookie. */
export function pairOf({ refreshToken, ...tokens }: V1Session['tokens']): TokenPair {
  if (refreshToken === undefined) throw new Error('the answer has no refresh token')
  return { ...tokens, refreshToken }
}

/** The id of another session of a member. */
export async function newSession({ user, password }: Member): Promise<string> {
  const { tokens } = await api().sessions.logIn({ username: user.username, password })
  return String(decodeJwt(tokens.accessToken).sid)
}

export interface ClipOptions {
  seconds?: number
  size?: string
}

/** A real video file, drawn once and kept in the temporary folder. */
export async function clipFile(options: ClipOptions = {}): Promise<string> {
  const { seconds = 1, size = '320x180' } = options
  const folder = join(tmpdir(), 'fanone-test-clips')
  const file = join(folder, `clip-${seconds}s-${size}.mp4`)
  await mkdir(folder, { recursive: true })
  const unfinished = `${file}.${process.pid}.mp4`
  if (existsSync(file)) return file
  const source = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=24`, '-t', String(seconds)]
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-movflags', '+faststart']
  await execa('ffmpeg', ['-v', 'error', '-y', ...source, ...codec, unfinished])
  await rename(unfinished, file)
  return file
}

/** Publishes a small clip of a member through the public API. */
export async function publish(
  member: Pick<Member, 'api'>,
  options: { title?: string; description?: string; file?: string } = {},
): Promise<V1Video> {
  const file = options.file ?? (await clipFile())
  const blob = await openAsBlob(file, { type: 'video/mp4' })
  return member.api.uploads.publish({
    title: options.title ?? randomName('video'),
    description: options.description ?? '',
    file: new File([blob], basename(file), { type: 'video/mp4' }),
  })
}

/** All ids of the newest feed, page by page, as a reader scrolls. */
export async function scrollFeed(options: { limit: number; pages?: number; accessToken?: string }): Promise<number[]> {
  const reader = api(options.accessToken)
  const ids: number[] = []
  let cursor: string | undefined
  for (let page = 0; page < (options.pages ?? 1_000); page++) {
    const { items, nextCursor } = await reader.feeds.newest({
      limit: options.limit as never,
      ...(cursor ? { cursor } : {}),
    })
    ids.push(...items.map((item) => item.id))
    if (nextCursor === null) break
    cursor = nextCursor
  }
  return ids
}
