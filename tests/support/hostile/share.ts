/** How many cases stand for one in a quick round: password hashes are slow on purpose, and so is looking into a file. */
export function shareOf(
  route: { path: string; transport: string },
  { cheap, dear }: { cheap: number; dear: number },
): number {
  return route.transport === 'upload' || /login|register|sessions$|v1\/users$/.test(route.path) ? dear : cheap
}
