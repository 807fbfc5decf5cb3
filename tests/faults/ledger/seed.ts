/** The seed of this process; each run prints it, and FAULT_SEED sets it. */
export const seed = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000_000)

/** Set by `npm run faults`: how often each fault of the big kill run is tried. */
const fullRounds = process.env.FAULT_ROUNDS === undefined ? undefined : Number(process.env.FAULT_ROUNDS)

/** Whether this is the full count, and not the plain run of the tests. */
export const isFullCount = fullRounds !== undefined

/** Repetitions of each fault: FAULT_ROUNDS in the full count, else one. */
export const rounds = fullRounds ?? 1

/**
 * A figure of the plain run, or of the full count.
 *
 * @param full at 20 rounds; fewer rounds make it smaller in proportion
 */
export function scaled(figure: { plain: number; full: number }): number {
  if (fullRounds === undefined) return figure.plain
  return Math.max(figure.plain, Math.round((figure.full * Math.min(fullRounds, 20)) / 20))
}

/** Prints how to repeat a run. */
export function announceSeed(name: string): void {
  console.log(`${name}: FAULT_SEED=${seed}`)
}
