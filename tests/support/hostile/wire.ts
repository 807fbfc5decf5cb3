import { Agent } from 'node:http'
import type { Member } from '../community.ts'
import { type Answer, sendAsIs } from '../http.ts'
import type { Field, PublicRoute } from '../public-routes.ts'
import { percentDecode, percentEncode } from './fragments.ts'

/** A parameter of a request; the value is a fragment, see fragments.ts. */
export type Parameter = [name: string, fragment: string]

/** The role that sends a request. */
export interface Role {
  name: string
  member: Pick<Member, 'user' | 'tokens'> | undefined
}

/** One request to a route, before it is written down in the form the route takes. */
export interface Draft {
  /** Describes the oddity, for people. */
  what: string
  route: PublicRoute
  parameters: Parameter[]
  /** Stands in the place of parameters. */
  body?: Buffer | string
  headers?: Record<string, string>
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 })
const BOUNDARY = 'hostile-boundary'

/** Sends a draft as the route's clients send their requests. */
export function sendDraft(draft: Draft, role: Role): Promise<Answer> {
  const { route, parameters } = draft
  const isOf = (place: Field['place']) => parameters.filter(([name]) => placeOf(route, name) === place)
  const query = [...isOf('query'), ...douyinToken(draft, role)].map((pair) => pair.join('=')).join('&')
  const path = `${fillPath(route, isOf('path'))}${query ? `?${query}` : ''}`
  const written = writeBody(draft, isOf('body'))
  const headers = { ...protocolOf(route), ...credentials(route, role), ...written.headers, ...draft.headers }
  return sendAsIs(route.method, path, headers, { body: written.body, agent })
}

function placeOf(route: PublicRoute, name: string): Field['place'] {
  const declared = route.fields.find((field) => field.name === name)
  return declared?.place ?? (route.transport === 'query' ? 'query' : 'body')
}

function fillPath(route: PublicRoute, parameters: Parameter[]): string {
  const values = new Map(parameters)
  return route.path.replace(/\{(\w+)\}/g, (_, name: string) => values.get(name) ?? '1')
}

/** Without the version of the protocol nothing else of a resumable upload is looked at. */
const protocolOf = ({ path }: PublicRoute) => (path.startsWith('/v1/uploads') ? { 'tus-resumable': '1.0.0' } : {})

function credentials({ surface }: PublicRoute, { member }: Role): Record<string, string> {
  if (!member || surface === 'douyin') return {}
  const { accessToken } = member.tokens
  return surface === 'v1' ? { authorization: `Bearer ${accessToken}` } : { 'access-token': accessToken }
}

/** The Douyin API takes its token as a parameter; a draft that sets it keeps its own. */
function douyinToken({ route, parameters, body }: Draft, { member }: Role): Parameter[] {
  if (route.surface !== 'douyin' || !member || route.access === 'public') return []
  if (body === undefined && parameters.some(([name]) => name.startsWith('token'))) return []
  return [['token', member.tokens.accessToken]]
}

function writeBody(draft: Draft, parameters: Parameter[]) {
  const { route, body } = draft
  if (body !== undefined) return { body, headers: { 'content-length': String(Buffer.byteLength(body)) } }
  if (route.transport === 'query') return { body: undefined, headers: {} }
  const { type, bytes } = encodeBody(route, parameters)
  return { body: bytes, headers: { 'content-type': type, 'content-length': String(bytes.length) } }
}

function encodeBody(route: PublicRoute, parameters: Parameter[]): { type: string; bytes: Buffer } {
  if (route.transport === 'json') {
    const members = parameters.map(([name, fragment]) => `${JSON.stringify(name)}:${fragment}`)
    return { type: 'application/json', bytes: Buffer.from(`{${members.join(',')}}`) }
  }
  if (route.transport === 'form') {
    const pairs = parameters.map(([name, fragment]) => `${percentEncode(name)}=${fragment}`)
    return { type: 'application/x-www-form-urlencoded', bytes: Buffer.from(pairs.join('&')) }
  }
  const isFile = (name: string) => route.fields.some((field) => field.isFile && field.name === name)
  const parts = parameters.flatMap(([name, fragment]) => [
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"`),
    Buffer.from(isFile(name) ? '; filename="x.mp4"\r\nContent-Type: video/mp4\r\n\r\n' : '\r\n\r\n'),
    percentDecode(fragment),
    Buffer.from('\r\n'),
  ])
  return {
    type: `multipart/form-data; boundary=${BOUNDARY}`,
    bytes: Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]),
  }
}
