import { MutationCache, QueryClient } from '@tanstack/react-query'
import { say } from '../ui/notices.ts'
import { isPassing, retryDelayMs } from './retry.ts'

const MAX_TRIES = 3

export const queryClient = new QueryClient({
  // A form shows its own failures, beside what was typed.
  mutationCache: new MutationCache({ onError: (error, _input, _undo, { meta }) => meta?.inPlace || say(error) }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < MAX_TRIES - 1 && isPassing(error),
      retryDelay: retryDelayMs,
    },
  },
})
