import { setTimeout as delay } from 'node:timers/promises'
import { ServiceError } from '@fanone/service-kit'
import type { Answer, Intent, Ledger, Outcome } from './ledger.ts'
import type { Random } from './random.ts'

/** A well-behaved client: records every operation and repeats only what may be repeated. */
export interface Client {
  index: number
  random: Random
  /**
   * @param attempt performs the operation once and returns what it made or changed
   * @param options.repeatable whether the API allows repeating the call without a second effect
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
          // A refusal of the first attempt has no effect; after an unanswered attempt there may be
          // one.
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

/** Refusals for the client's own fault have no effect; any other outcome is unknown. */
function outcomeOf(error: unknown): Outcome {
  return error instanceof ServiceError && error.status < 500 ? 'fail' : 'unknown'
}
