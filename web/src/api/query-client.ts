import { MutationCache, QueryClient } from '@tanstack/react-query'
import { say } from '../ui/notices.ts'
import { problemOf } from './problem.ts'

const MAX_TRIES = 3
const LONGEST_WAIT_MS = 10_000

/** Whether trying again may help: nothing answered, or it said to come back. */
function isPassing(error: unknown): boolean {
  const problem = problemOf(error)
  return problem === undefined || problem.status >= 500
}

export const queryClient = new QueryClient({
  // A form shows its own failures, beside what was typed.
  mutationCache: new MutationCache({ onError: (error, _input, _undo, { meta }) => meta?.inPlace || say(error) }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < MAX_TRIES - 1 && isPassing(error),
      retryDelay: (failures, error) =>
        Math.min((problemOf(error)?.retryAfterSeconds ?? 2 ** failures) * 1_000, LONGEST_WAIT_MS),
    },
  },
})
