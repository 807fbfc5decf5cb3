import type { Field, FieldSchema, PublicRoute } from '../public-routes.ts'
import { jsonFragments, percentEncode, textFragments } from './fragments.ts'
import type { Draft, Parameter } from './wire.ts'

/** Accepted values by parameter name; others get the smallest that their schema allows. */
export type GoodValues = Record<string, string | number>

/** Every hostile request to a route that follows from what it declares, or from a part of that. */
export function hostileDrafts(
  route: PublicRoute,
  good: GoodValues,
  { fields, isWhole }: { fields: readonly Field[]; isWhole: boolean } = { fields: route.fields, isWhole: true },
): Draft[] {
  const ofFields = fields.flatMap((field) => fieldDrafts(route, field, good))
  const drafts = isWhole ? [...ofFields, ...routeDrafts(route, good)] : ofFields
  return drafts.map(({ what, ...rest }) => ({ ...rest, what: what.slice(0, 120) }))
}

/** A request that the route accepts, as far as its schema says. */
export function goodParameters(route: PublicRoute, good: GoodValues): Parameter[] {
  // The token is added for whoever sends the request.
  const needed = route.fields.filter(
    ({ name, isRequired }) => name !== 'token' && (isRequired || good[name] !== undefined),
  )
  return needed.map((field) => [field.name, fragmentOf(route, field, goodValue(field, good))])
}

/** A value as a fragment of the form that a parameter travels in. */
export function fragmentOf(route: PublicRoute, field: Field, value: unknown): string {
  const isJson = route.transport === 'json' && field.place === 'body'
  return isJson ? JSON.stringify(value) : percentEncode(String(value))
}

function goodValue(field: Field, good: GoodValues): unknown {
  const known = good[field.name]
  if (known !== undefined) return known
  return field.isFile ? 'not a video' : smallest(field.name, field.schema)
}

/** The smallest value that a schema allows. */
function smallest(name: string, schema: FieldSchema): unknown {
  const { type, minimum, exclusiveMinimum, minLength = 1, properties = {}, required = [] } = schema
  if (schema.const !== undefined) return schema.const
  if (type === 'integer' || type === 'number') return minimum ?? (exclusiveMinimum ?? 0) + 1
  if (type === 'string') return 'x'.repeat(minLength)
  if (type === 'boolean') return 'true'
  if (type === 'object')
    return Object.fromEntries(required.map((member) => [member, smallest(member, properties[member] ?? {})]))
  throw new Error(`no good value is known for ${name}; add one, or teach smallest the type ${type}`)
}

/** Everything odd that can be said with one parameter, the others being good. */
function fieldDrafts(route: PublicRoute, field: Field, good: GoodValues): Draft[] {
  const others = goodParameters(route, good).filter(([name]) => name !== field.name)
  const { name } = field
  const isJson = route.transport === 'json' && field.place === 'body'
  const isInPath = field.place === 'path'
  const fragments = isJson ? jsonFragments(field.schema) : textFragments(field.schema)
  // A path without its parameter is another path.
  const usable = isInPath ? fragments.filter((fragment) => fragment !== '') : fragments
  const withValue = usable.map((fragment): Draft => {
    const parameters: Parameter[] = [...others, [name, fragment]]
    return { what: `${name}=${fragment}`, route, parameters }
  })
  const fragment = fragmentOf(route, field, goodValue(field, good))
  const repeated: Draft[] = [
    { what: `${name} twice`, route, parameters: [...others, [name, fragment], [name, fragment]] },
    { what: `no ${name}`, route, parameters: others },
    { what: `${name}[]`, route, parameters: [...others, [`${name}[]`, fragment]] },
    {
      what: `${name}[__proto__][polluted]`,
      route,
      parameters: [...others, [`${name}[__proto__][polluted]`, fragment]],
    },
  ]
  return isInPath ? withValue : [...withValue, ...repeated]
}

/**
 * Oddities of the whole request: undeclared parameters, other bodies, headers that claim something.
 */
function routeDrafts(route: PublicRoute, good: GoodValues): Draft[] {
  const parameters = goodParameters(route, good)
  const extra = route.transport === 'json' ? '{"polluted":"polluted"}' : 'polluted'
  const names = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'then', 'unknown', '']
  const more = names.map((name): Draft => ({ what: `also ${name}`, route, parameters: [...parameters, [name, extra]] }))
  const claims = claimHeaders.map((headers): Draft => ({ what: JSON.stringify(headers), route, parameters, headers }))
  const oddBodies = route.transport === 'query' ? [] : bodies(route)
  return [...more, ...claims, ...oddBodies]
}

/** Headers that mean something inside, or to careless software. */
const claimHeaders: Record<string, string>[] = [
  { 'fanone-user-id': '1', 'fanone-session-id': 'x' },
  { 'fanone-refused': '200', 'fanone-idempotency-key': 'x' },
  { 'dapr-api-token': 'x', 'dapr-app-id': 'user', 'dapr-caller-app-id': 'gateway' },
  { 'x-http-method-override': 'DELETE', 'x-original-url': '/metrics', 'x-rewrite-url': '/metrics' },
  {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-for': '127.0.0.1',
    forwarded: 'for=127.0.0.1',
  },
  { 'idempotency-key': 'x'.repeat(300) },
  { 'accept-language': '../../etc/passwd', accept: 'text/html;q=nan', 'accept-encoding': 'x'.repeat(1_000) },
  { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`, baggage: 'a='.repeat(500) },
  { 'if-none-match': '"'.repeat(500), range: 'bytes=0-0,0-0,0-0' },
  { cookie: `${'a=b; '.repeat(500)}` },
  { expect: '200-ok' },
]

function bodies(route: PublicRoute): Draft[] {
  const draft = (type: string, body: Buffer | string): Draft => ({
    what: `${type}: ${body.toString('latin1').slice(0, 40)}`,
    route,
    // Parameters in the path are not in the body.
    parameters: [],
    body,
    headers: { 'content-type': type },
  })
  const json = [
    '',
    ' ',
    '{',
    '[',
    '[]',
    'null',
    '1',
    '"x"',
    '{"a":1}}',
    '{"a":1',
    "{'a':1}",
    '\ufeff{}',
    '{"":""}',
    '\0',
  ]
  const forms = ['=', '&&&', '%', '%00=%00', '__proto__=1', '='.repeat(1_000), '\r\n']
  const multipart = ['', '--x', '--x--', '--x\r\n\r\n', '--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--']
  const types = [
    'text/plain',
    'text/xml',
    'application/json; charset=utf-16',
    'application/json; charset=x',
    'a',
    ';',
    '',
  ]
  return [
    ...json.map((body) => draft('application/json', body)),
    ...forms.map((body) => draft('application/x-www-form-urlencoded', body)),
    ...multipart.map((body) => draft('multipart/form-data; boundary=x', body)),
    ...types.map((type) => draft(type, '{"a":1}')),
    draft('application/json', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])),
    draft('multipart/form-data', 'no boundary'),
  ]
}
