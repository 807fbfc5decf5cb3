/** A quick round sends every nth case: hashing passwords and probing files are slow. */
export function shareOf(
  route: { path: string; transport: string },
  { cheap, dear }: { cheap: number; dear: number },
): number {
  return route.transport === 'upload' || /login|register|sessions$|v1\/users$/.test(route.path) ? dear : cheap
}
