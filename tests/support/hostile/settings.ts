/** HOSTILE_FULL=1 runs every case of every role; otherwise the costly ones are sampled. */
export const isFull = process.env.HOSTILE_FULL === '1'

/** Seed of the samples; HOSTILE_SEED with the printed number repeats a run. */
export const seed = Number(process.env.HOSTILE_SEED ?? Math.floor(Math.random() * 1e9))

/** Every `n`th item, beginning where the seed says; all of them in a full run. */
export function sampled<Item>(items: readonly Item[], n: number): Item[] {
  return isFull ? [...items] : items.filter((_, index) => index % n === seed % n)
}

/** Share of the cases in a quick run: password hashes and reading files are slow. */
export function shareOf(
  route: { path: string; transport: string },
  { cheap, dear }: { cheap: number; dear: number },
): number {
  return route.transport === 'upload' || /login|register|sessions$|v1\/users$/.test(route.path) ? dear : cheap
}
