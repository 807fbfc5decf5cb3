import { seededRandom } from '../faults/ledger/random.ts'

/** FULL=1 runs the full counts; without it, `npm test` makes a quick round with samples. */
export const isFull = process.env.FULL === '1'

/** Decides all samples, the order of faults and what clients do. TEST_SEED repeats a run. */
export const seed = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000_000)

/** How often the full count tries each fault; `npm run faults -- --rounds` says otherwise. */
const fullRounds = Number(process.env.FAULT_ROUNDS ?? 20)

export const rounds = isFull ? fullRounds : 1

/** Prints how to repeat a run. */
export function announceSeed(name: string): void {
  console.log(`${name}: TEST_SEED=${seed}`)
}

/**
 * A figure of the quick round, or of the full count.
 *
 * @param full at 20 rounds; fewer rounds make it smaller in proportion
 */
export function scaled(figure: { quick: number; full: number }): number {
  if (!isFull) return figure.quick
  return Math.max(figure.quick, Math.round((figure.full * Math.min(fullRounds, 20)) / 20))
}

/** Every `n`th item, beginning where the seed says; all of them in the full count. */
export function sampled<Item>(items: readonly Item[], n: number): Item[] {
  return isFull ? [...items] : items.filter((_, index) => index % n === seed % n)
}

/** Some items that the seed selects; all of them in the full count. */
export function drawn<Item>(items: readonly Item[], count: number): Item[] {
  return isFull ? [...items] : seededRandom(seed).shuffle(items).slice(0, count)
}
