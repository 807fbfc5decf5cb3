import { AsyncResource } from 'node:async_hooks'
import { ServiceError } from '@fanone/service-kit'
import DataLoader from 'dataloader'

/** More would not answer sooner on shared cores, and each crosses two sidecars. */
const MAX_CALLS = 2

/**
 * Lets one call answer the questions of many requests. A question goes out at once while fewer than
 * two calls are under way; otherwise it waits for one of them to end, together with all that come
 * meanwhile. So nobody waits while there is little to ask, and the busier it gets, the more
 * requests share a call.
 *
 * @param options.call answers in the order of the questions; if it throws, all of them fail
 * @param options.timeoutMs how long a question may take, waiting included
 * @returns asks one question. Throws what `call` throws, or ServiceError `timeout`
 */
export function batched<Question, Answer>({
  call,
  maxQuestions,
  timeoutMs,
}: {
  call: (questions: readonly Question[], context: { timeoutMs: number }) => Promise<Answer[]>
  maxQuestions: number
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
      call(questions, { timeoutMs }).finally(() => {
        calls--
        callNext()
      }),
    {
      cache: false,
      maxBatchSize: maxQuestions,
      batchScheduleFn: (dispatch) => {
        // Traced as part of the request that opens the batch, not of the one whose answer makes
        // room for it.
        waiting.push(AsyncResource.bind(dispatch))
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
