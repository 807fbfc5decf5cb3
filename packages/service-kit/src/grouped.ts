import { AsyncLocalStorage } from 'node:async_hooks'
import { TraceFlags, trace } from '@opentelemetry/api'
import { hasCode, ServiceError, toServiceError } from './errors.ts'
import { Gatherer } from './gatherer.ts'
import { isRefusal } from './http.ts'
import { MAX_SHARED_CALLS } from './shared-calls.ts'

/** One call, as it reaches the function that answers it. */
export interface Call<Input, Context> {
  /** Checked against the contract. */
  input: Input
  context: Context
  /** Aborted when the caller goes away. */
  signal?: AbortSignal | undefined
}

/** One call of a group. */
export interface GroupedCall<Input, Context> extends Call<Input, Context> {
  /** Does what belongs to this call alone, such as telling of its event, in its trace. */
  within<Result>(work: () => Result): Result
}

/** Answers many calls of an operation at once; see `grouped`. */
export interface Grouped<Input, Output, Context> {
  together: (calls: GroupedCall<Input, Context>[]) => Promise<(Output | undefined)[]>
  alone: (call: GroupedCall<Input, Context>) => Promise<Output> | Output
  [isGroup]: true
}

const isGroup = Symbol('grouped')

/**
 * Implements an operation for many calls at once, such as by one statement or one transaction. The
 * calls are those of all requests that wait for each other, each by itself or sharing one.
 *
 * @param together answers in the order of the calls. Undefined, or an error for all, leaves a call
 *   to `alone`, unless the error says that a dependency is away
 * @param alone answers, or refuses, one call; a group of one where it is left out
 */
export function grouped<Input, Output, Context>(
  together: (calls: GroupedCall<Input, Context>[]) => Promise<(Output | undefined)[]>,
  alone: (call: GroupedCall<Input, Context>) => Promise<Output> | Output = async (call) =>
    (await together([call]))[0] as Output,
): Grouped<Input, Output, Context> {
  return { together, alone, [isGroup]: true }
}

export const isGrouped = (operation: object): operation is Grouped<unknown, unknown, unknown> => isGroup in operation

interface Waiting<Input, Output, Context> {
  call: GroupedCall<Input, Context>
  isSampled: boolean
  resolve: (output: Output | Promise<Output>) => void
  reject: (reason: unknown) => void
}

/** The function that answers each call of a grouped operation. */
export function answerGrouped<Input, Output, Context>(
  operation: Grouped<Input, Output, Context>,
): (call: Call<Input, Context>) => Promise<Output> {
  const gatherer = new Gatherer<Waiting<Input, Output, Context>>({
    maxItems: MAX_SHARED_CALLS,
    send: (waiting) => answerAll(operation, waiting),
  })
  return ({ input, context, signal }) => {
    if (gatherer.isFull) throw new ServiceError('unavailable', { retryAfterSeconds: 1 })
    const { promise, resolve, reject } = Promise.withResolvers<Output>()
    const call = { input, context, signal, within: AsyncLocalStorage.snapshot() }
    gatherer.add({ call, isSampled: isSampled(), resolve, reject })
    return promise
  }
}

async function answerAll<Input, Output, Context>(
  { together, alone }: Grouped<Input, Output, Context>,
  waiting: Waiting<Input, Output, Context>[],
): Promise<void> {
  const answers = await answerTogether(together, waiting)
  if (!answers) return
  const inOwnWay = waiting.filter(({ call, resolve }, index) => {
    const answer = answers[index]
    if (answer === undefined) return true
    call.within(() => resolve(answer))
    return false
  })
  await Promise.all(
    inOwnWay.map(async ({ call, resolve, reject }) => {
      try {
        resolve(await call.within(() => alone(call)))
      } catch (error) {
        reject(error)
      }
    }),
  )
}

/** @returns nothing where all have failed already: one by one they would only wait again */
async function answerTogether<Input, Output, Context>(
  together: Grouped<Input, Output, Context>['together'],
  waiting: Waiting<Input, Output, Context>[],
): Promise<(Output | undefined)[] | undefined> {
  // What all do together is in the trace of the first that is sampled.
  const [first] = waiting
  const opener = waiting.find((one) => one.isSampled) ?? first
  if (!opener) return []
  try {
    return await opener.call.within(() => together(waiting.map(({ call }) => call)))
  } catch (error) {
    const isAbsence = hasCode(toServiceError(error), 'unavailable', 'timeout') && !isRefusal(toServiceError(error))
    if (!isAbsence) return []
    for (const { reject } of waiting) reject(error)
    return undefined
  }
}

function isSampled(): boolean {
  const flags = trace.getActiveSpan()?.spanContext().traceFlags ?? TraceFlags.NONE
  return (flags & TraceFlags.SAMPLED) !== 0
}
