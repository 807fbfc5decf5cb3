import { Problem } from '@fanone/contracts'
import { type Answer, innerWorkings, send } from '../http.ts'
import type { PublicRoute } from '../public-routes.ts'
import { eventually } from '../stack.ts'
import { type Draft, type Role, sendDraft } from './wire.ts'

/** What the compatibility APIs say where the native one says 500 and more. */
const COMPAT_INTERNAL = 10001
/** Codes a route that needs a token may answer without one: no token, or an unreadable request. */
const REFUSED_UNREAD = new Set([400, 401, 413, 415, 417, 431])

/** The statuses that /openapi.json documents, by `METHOD /path`. */
export async function documentedStatuses(): Promise<Map<string, Set<number>>> {
  const { paths } = (await send('GET', '/openapi.json')).json as {
    paths: Record<string, Record<string, { responses: object }>>
  }
  const entries = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { responses }]): [string, Set<number>] => {
      return [`${method.toUpperCase()} ${path}`, new Set(Object.keys(responses).map(Number))]
    }),
  )
  return new Map(entries)
}

/** The codes of success. */
const compatSuccess = { fanone: 10000, douyin: 0 }

/** The code in the envelope of a compatibility API. */
export function compatCode(answer: Answer): number | undefined {
  const body = answer.json as { base?: { code?: number }; status_code?: number } | undefined
  return body?.base?.code ?? body?.status_code
}

/** Whether an answer says that the request was carried out. */
export function isSuccess(route: PublicRoute, answer: Answer): boolean {
  return route.surface === 'v1' ? answer.status < 300 : compatCode(answer) === compatSuccess[route.surface]
}

const needsToken = ({ access }: PublicRoute) => access === 'user' || access === 'operator'

/** Describes what is wrong with an answer; undefined if nothing is. */
export function faultOf(route: PublicRoute, role: Role, answer: Answer, documented: Map<string, Set<number>>) {
  const key = `${route.method} ${route.path.replace(/(.)\/$/, '$1')}`
  if (answer.status >= 500 && !isUnwatched(route, answer)) return `status ${answer.status}`
  if (!documented.get(key)?.has(answer.status) && answer.status !== 404) return `undocumented status ${answer.status}`
  if (answer.headers.get('x-content-type-options') !== 'nosniff') return 'no nosniff'
  if (!answer.headers.get('content-security-policy')?.includes("default-src 'none'"))
    return 'no content security policy'
  if (answer.headers.has('set-cookie') || answer.headers.has('x-injected')) return 'a header that nobody set'
  if (answer.text.includes('polluted')) return 'polluted'
  if (needsToken(route) && !role.member && isSuccess(route, answer)) return 'success without a token'
  if (isSuccess(route, answer)) return undefined
  if (innerWorkings.test(answer.text)) return 'tells how we look inside'
  return route.surface === 'v1' || answer.status !== 200 ? problemFault(route, role, answer) : compatFault(answer)
}

function problemFault(route: PublicRoute, role: Role, answer: Answer): string | undefined {
  if (!answer.headers.get('content-type')?.startsWith('application/problem+json')) return 'no problem document'
  // HEAD has no body to judge.
  if (route.method === 'HEAD') return undefined
  const problem = Problem.strict().safeParse(answer.json)
  if (!problem.success) return 'a problem document that is not ours'
  if (!/^[0-9a-f]{32}$/.test(problem.data.traceId ?? '')) return 'no trace id'
  const isWithoutToken = needsToken(route) && !role.member
  if (isWithoutToken && !REFUSED_UNREAD.has(answer.status) && answer.status !== 404)
    return `without a token ${answer.status}`
  return undefined
}

function compatFault(answer: Answer): string | undefined {
  const code = compatCode(answer)
  if (code === undefined) return 'no code'
  return code === COMPAT_INTERNAL ? 'the code of an internal error' : undefined
}

/**
 * Sends drafts for a role, some at a time. Drafts answered 503 or 504 are repeated alone, so that
 * only failures caused by the input remain.
 *
 * @returns the wrong answers, with their drafts
 */
export async function faultsOf(drafts: Draft[], role: Role, documented: Map<string, Set<number>>): Promise<string[]> {
  const faults: string[] = []
  const postponed: Draft[] = []
  const send = async (draft: Draft) => sendDraft(draft, role).catch((error: Error) => error)
  const note = (draft: Draft, answer: Answer | Error) => {
    const fault = answer instanceof Error ? answer.message : faultOf(draft.route, role, answer, documented)
    const body = answer instanceof Error ? '' : answer.text.slice(0, 300)
    if (fault) faults.push(`${fault}: ${draft.what} as ${role.name} -> ${body}`)
  }
  await inParallel(drafts, async (draft) => {
    const answer = await send(draft)
    if (saysBusy(answer, draft.route)) postponed.push(draft)
    else note(draft, answer)
  })
  for (const draft of postponed) {
    let answer = await send(draft)
    const ask = async () => {
      answer = await send(draft)
      return !saysBusy(answer, draft.route)
    }
    if (saysBusy(answer, draft.route))
      await eventually(ask, { timeoutMs: 20_000, intervalMs: 1_000 }).catch(() => undefined)
    note(draft, answer)
  }
  return faults
}

/** Nothing watches the stack of these tests, so what is asked of Prometheus has no answer. */
const isUnwatched = ({ isWatched }: PublicRoute, { status, text }: Answer) =>
  isWatched && status === 503 && text.includes('"monitoring_unavailable"')

const saysBusy = (answer: Answer | Error, route: PublicRoute) =>
  !(answer instanceof Error) &&
  !isUnwatched(route, answer) &&
  (answer.status === 503 || answer.status === 504 || compatCode(answer) === COMPAT_INTERNAL)

/** Works through a list with enough parallelism to keep the services busy without a queue. */
export async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const item of left) await work(item)
    }),
  )
}
