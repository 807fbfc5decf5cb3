const AT_ONCE = 100

/**
 * Seals again what an older key has sealed, some rows at a time, until none is left or `signal`
 * aborts.
 *
 * @param options.find some of them, at most `limit`
 */
export async function resealAll<Row>(
  signal: AbortSignal,
  { find, reseal }: { find: (limit: number) => Promise<Row[]>; reseal: (row: Row) => Promise<void> },
): Promise<void> {
  let found = AT_ONCE
  while (found === AT_ONCE && !signal.aborted) {
    const old = await find(AT_ONCE)
    for (const row of old) await reseal(row)
    found = old.length
  }
}
