import { setTimeout as delay } from 'node:timers/promises'
import { ServiceError } from '@fanone/service-kit'
import type { Answer, Intent, Ledger, Outcome } from './ledger.ts'
import type { Random } from './random.ts'

/** A user of the system who behaves: writes everything down, and tries again what may be tried again. */
export interface Client {
  index: number
  random: Random
  /**
   * @param attempt does it once; answers what was made or changed
   * @param options.repeatable whether the API lets the same call be made again without a second effect
   * @param options.isDone whether a refusal means that an earlier attempt had worked
   */
  call(
    intent: Intent,
    attempt: () => Promise<number | undefined>,
    options?: { repeatable?: boolean; isDone?: (error: ServiceError) => boolean },
  ): Promise<Answer>
}

const attempts = 6
const firstPauseMs = 150

export function newClient(index: number, random: Random, ledger: Ledger): Client {
  return {
    index,
    random,
    call: (intent, attempt, { repeatable = false, isDone = () => false } = {}) =>
      ledger.record(intent, async () => {
        for (let tries = 1; ; tries++) {
          const answer = await attemptOnce(attempt, isDone)
          // Somebody who was answered "no" once but never before knows that there is no effect; otherwise an earlier try may have one.
          if (answer.outcome === 'fail' && tries > 1) return { ...answer, outcome: 'unknown' }
          if (answer.outcome !== 'unknown' || !repeatable || tries === attempts) return answer
          await delay(firstPauseMs * 2 ** (tries - 1) * (0.5 + random.next()))
        }
      }),
  }
}

async function attemptOnce(
  attempt: () => Promise<number | undefined>,
  isDone: (error: ServiceError) => boolean,
): Promise<Answer> {
  try {
    return { outcome: 'ok', subject: await attempt() }
  } catch (error) {
    if (error instanceof ServiceError && isDone(error)) return { outcome: 'ok', detail: error.code }
    return { outcome: outcomeOf(error), detail: error instanceof ServiceError ? error.code : String(error) }
  }
}

/** Refusals of the client's own fault have no effect; after anything else nobody knows. */
function outcomeOf(error: unknown): Outcome {
  return error instanceof ServiceError && error.status < 500 ? 'fail' : 'unknown'
}
