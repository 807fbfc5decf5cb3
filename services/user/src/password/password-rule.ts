import { ServiceError } from '@fanone/service-kit'
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'

/** Fewer guesses than this an attacker makes who tries a little on very many accounts. */
const MIN_GUESSES = 1_000_000
/** What follows cannot make a good beginning worse, and the time grows with the square. */
const JUDGED_LENGTH = 32
const OWN_WORDS = ['fanone']

/** What is wrong, in words; anything else is simply easy to guess. */
const explanations: Record<string, string> = {
  topTen: 'The password is one of the ten most used passwords',
  topHundred: 'The password is one of the hundred most used passwords',
  common: 'The password was found in passwords that leaked elsewhere',
  similarToCommon: 'The password is much like passwords that leaked elsewhere, or like the user name',
  simpleRepeat: 'The password repeats one character',
  extendedRepeat: 'The password repeats a few characters',
  sequences: 'The password is a sequence such as abc or 6543',
  straightRow: 'The password is a row of keys',
  keyPattern: 'The password is a short pattern of keys',
  dates: 'The password is a date',
  recentYears: 'The password is a year',
}

/**
 * Refuses passwords that are tried first (NIST SP 800-63B, 5.1.1.2): the 49,000 that leaked most
 * often and what is made of them by rules, repeats, rows of keys, dates, and the user's own name.
 * Estimated by zxcvbn (Wheeler, USENIX Security 2016), which takes about 30 MB once and 1.5 ms of
 * CPU a password, for 32 odd characters 25 ms and at worst 45.
 */
export class PasswordRule {
  readonly #estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, maxLength: 2 * JUDGED_LENGTH })

  /**
   * @param words of the user's own, such as the name
   * @throws ServiceError `password_too_common`, with what is wrong in `detail`
   */
  refuseCommon(password: string, words: readonly string[]): void {
    const beginning = [...password.normalize('NFKC')].slice(0, JUDGED_LENGTH).join('')
    const { guesses, feedback } = this.#estimator.check(beginning, [...OWN_WORDS, ...words])
    if (guesses >= MIN_GUESSES) return
    const reason = explanations[feedback.warning ?? ''] ?? 'The password is easy to guess'
    throw new ServiceError('password_too_common', { detail: `${reason}; take some words more, or a random one` })
  }
}
