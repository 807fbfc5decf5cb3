import { AsyncResource } from 'node:async_hooks'
import { ServiceError } from '@fanone/service-kit'
import DataLoader from 'dataloader'

/** More answer no sooner where they share two cores, and each crosses two sidecars. */
const MAX_CALLS = 2

/**
 * Lets one call answer what many requests ask. A question goes out at once while fewer than two calls are under way; else it waits for one
 * of them to end, together with all that come meanwhile. So nobody waits while little is asked, and the busier it gets, the more
 * requests share a call.
 *
 * @param ask answers in the order of the questions; where it throws, all of them fail
 * @param timeoutMs how long a question may take, waiting included
 * @returns asks one question. Throws what `ask` throws, or ServiceError `timeout`
 */
export function gathered<Question, Answer>({
  ask,
  mostQuestions,
  timeoutMs,
}: {
  ask: (questions: readonly Question[], context: { timeoutMs: number }) => Promise<Answer[]>
  mostQuestions: number
  timeoutMs: number
}): (question: Question) => Promise<Answer> {
  const waiting: (() => void)[] = []
  let calls = 0
  const callNext = () => {
    if (calls === MAX_CALLS || waiting.length === 0) return
    calls++
    // Not at once: the question that opens a batch is put into it after this.
    process.nextTick(waiting.shift() as () => void)
  }
  const loader = new DataLoader<Question, Answer>(
    (questions) =>
      ask(questions, { timeoutMs }).finally(() => {
        calls--
        callNext()
      }),
    {
      cache: false,
      maxBatchSize: mostQuestions,
      batchScheduleFn: (call) => {
        // The trace is that of who opens the batch, not of whose answer makes room for it.
        waiting.push(AsyncResource.bind(call))
        callNext()
      },
    },
  )
  return async (question) => {
    const { promise: expired, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => reject(new ServiceError('timeout')), timeoutMs)
    try {
      return await Promise.race([loader.load(question), expired])
    } finally {
      clearTimeout(timer)
    }
  }
}
