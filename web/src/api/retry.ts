import { problemOf } from './problem.ts'

const LONGEST_WAIT_MS = 10_000

/** Whether trying again may help: nothing answered, or it said to come back. */
export function isPassing(error: unknown): boolean {
  const problem = problemOf(error)
  return problem === undefined || problem.status >= 500
}

/** How long to wait before the next try. @param failures so far, but for this one */
export const retryDelayMs = (failures: number, error: unknown): number =>
  Math.min((problemOf(error)?.retryAfterSeconds ?? 2 ** failures) * 1_000, LONGEST_WAIT_MS)

/**
 * Does what may be done twice until it is done.
 *
 * @param act what to do
 * @param maxTries in all
 * @throws what the last try threw
 */
export async function retried<Result>(act: () => Promise<Result>, maxTries: number): Promise<Result> {
  for (let failures = 0; ; failures++) {
    try {
      return await act()
    } catch (error) {
      if (failures + 1 >= maxTries || !isPassing(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, retryDelayMs(failures, error)))
    }
  }
}
