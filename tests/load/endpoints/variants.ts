/** Endpoints as what rounds can measure. */

import { apiUrl, eventually } from '../../support/stack.ts'
import type { PlannedRequest } from '../closed-loop.ts'
import type { BareHandlers, Plan } from '../helpers.ts'
import type { Variant } from '../rounds.ts'
import type { Community, Viewer } from './community.ts'
import type { Pool } from './pool.ts'
import { type Asked, assertRight, type ReadEndpoint } from './reads.ts'
import { awaitApplied } from './rest.ts'
import { send } from './send.ts'
import { type Request, type Surface, surfaces } from './surfaces.ts'
import type { BondName, Pair, WriteEndpoint } from './writes.ts'

/** An endpoint, ready to be measured beside a bare handler. */
export interface Race {
  name: string
  surface: Surface
  target?: number
  variant: Variant
  bare: Variant
}

export interface RaceOptions {
  community: Community
  bare: BareHandlers
  /** All processes of the stack. */
  pids: Record<string, number>
  /** Added to every request. */
  headers?: Record<string, string>
}

/** Different requests of a page. */
const REQUESTS = 64
/** Of these some are asked before each run, because the last writes may still show. */
const ASKED_AGAIN = 3
/** A bare handler answers thousands in this time. */
const BARE_SECONDS = 0.75

export const label = ({ surface, name }: { surface: Surface; name: string }) => `${surface} ${name}`

/** Asks each request once and holds that its answer is right: from then on only the same counts. */
export async function readRace(endpoint: ReadEndpoint, options: RaceOptions): Promise<Race> {
  const { community, headers } = options
  const subjects = endpoint.subjects(community)
  const requests: PlannedRequest[] = []
  for (let index = 0; index < REQUESTS; index++) {
    const viewer = community.viewers[index % community.viewers.length]
    const turn = Math.floor(index / community.viewers.length)
    const asked = { community, viewer, subject: subjects[(index + turn) % subjects.length] } as Asked<never>
    const plain = endpoint.request(asked)
    const request = endpoint.isAnonymous ? plain : surfaces[endpoint.surface].withToken(plain, asked.viewer)
    const sent = { ...request, headers: { ...request.headers, ...headers } }
    requests.push({ ...sent, expected: await rightAnswer(endpoint, asked, sent) })
  }
  const prepare = () =>
    Promise.all(
      requests
        .slice(0, ASKED_AGAIN)
        .map(({ expected, ...request }) =>
          eventually(async () => (await send(request)) === expected, { what: `${label(endpoint)} is as it was` }),
        ),
    )
  return beside(endpoint, { plan: { url: apiUrl, requests }, prepare }, { ...options, sample: requests[0] })
}

/** Counters and flags follow events: they are right soon after the last of them. */
function rightAnswer(endpoint: ReadEndpoint, asked: Asked<never>, request: Request): Promise<string> {
  return eventually(async () => {
    const text = await send(request)
    assertRight(endpoint, asked, text)
    return text
  })
}

/** @param options.count how many changes a run makes */
export async function writeRace(
  endpoint: WriteEndpoint,
  options: RaceOptions & { pools: ReadonlyMap<BondName, Pool>; count: number },
): Promise<Race> {
  const { community, pools, count, headers } = options
  const pool = pools.get(endpoint.bond) as Pool
  let pairs: ReturnType<Pool['take']> = []
  let storedBefore = 0
  const planned = ({ member, id }: Pair): PlannedRequest => {
    const request = surfaces[endpoint.surface].withToken(endpoint.request(id), member)
    return { ...request, headers: { ...request.headers, ...headers }, ...endpoint.answer }
  }
  const plan = (): Plan => {
    pairs = pool.take(endpoint, count)
    return { url: apiUrl, requests: pairs.map(planned) }
  }
  const prepare = async () => {
    await pool.prepare(endpoint, count)
    storedBefore = await awaitApplied(endpoint.bond, community)
  }
  const settle: Variant['settle'] = async (result) => {
    pool.note(endpoint, pairs, result)
    const stored = await awaitApplied(endpoint.bond, community)
    const changed = (stored - storedBefore) * (endpoint.makes ? 1 : -1)
    // More than was acknowledged is no fault: an answer may have been lost.
    if (changed < result.correct) throw new Error(`${label(endpoint)}: ${result.correct} answered, ${changed} stored`)
  }
  const sample = planned({ member: community.members[0] as Viewer, id: 1 })
  return beside(endpoint, { plan, prepare, settle, until: { answers: count } }, { ...options, sample })
}

/** Logging in; every answer has other tokens. */
export async function logInRace(options: RaceOptions): Promise<Race> {
  const requests = options.community.members.map(({ id, username, password }): PlannedRequest => {
    const headers = { 'content-type': 'application/json', ...options.headers }
    const body = JSON.stringify({ username, password })
    const expected = `^\\{"user":\\{"id":${id},.*"accessToken":"[\\w.-]{100,}".*\\}$`
    return { method: 'POST', path: '/v1/sessions', headers, body, status: 201, expected, isPattern: true }
  })
  const [first] = requests
  const { expected: _pattern, isPattern: _is, status: _status, ...request } = first as PlannedRequest
  const sample = { ...request, status: 201, expected: await send(request) }
  return beside({ name: 'log-in', surface: '/v1' }, { plan: { url: apiUrl, requests } }, { ...options, sample })
}

/** @param options.sample what the bare handler is asked and answers */
async function beside(
  { name, surface, target }: Pick<Race, 'name' | 'surface' | 'target'>,
  own: Omit<Variant, 'name' | 'pids'>,
  { bare, pids, sample }: RaceOptions & { sample: PlannedRequest | undefined },
): Promise<Race> {
  if (sample === undefined) throw new Error(`nothing is asked of ${label({ name, surface })}`)
  const variant = { name: label({ name, surface }), pids, ...own }
  const bareVariant = {
    name: `bare ${variant.name}`,
    plan: await bare.planFor(sample),
    pids: { bare: bare.pid },
    until: { seconds: BARE_SECONDS },
  }
  return { name, surface, ...(target && { target }), variant, bare: bareVariant }
}
