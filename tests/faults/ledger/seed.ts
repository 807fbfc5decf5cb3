/** Decides everything the runs of this process draw; printed with each run, and FAULT_SEED brings it back. */
export const seed = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000_000)

/** How often each fault is tried: FAULT_ROUNDS, or `usual` for the plain run of the tests. */
export const roundsOr = (usual: number) => Number(process.env.FAULT_ROUNDS ?? usual)

/** Tells how to see a run again; in the output of the tests. */
export function announceSeed(name: string): void {
  console.log(`${name}: FAULT_SEED=${seed}`)
}
