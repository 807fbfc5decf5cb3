import { setTimeout as delay } from 'node:timers/promises'

const PAUSE_MS = 300

/** What the site says, on every API, while it hashes the passwords of others. */
const isBusy = (text: string) => /many people are logging in right now/i.test(text)

/**
 * Comes back, as a client should, when the site hashes too many passwords at that moment: those of
 * the files that run beside this one.
 *
 * @param attempt sends a request and answers what came, with its text
 */
export async function untilHashed<Result extends { text: string }>(attempt: () => Promise<Result>): Promise<Result> {
  for (;;) {
    const result = await attempt()
    if (!isBusy(result.text)) return result
    await delay(PAUSE_MS)
  }
}
