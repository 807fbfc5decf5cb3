let current: unknown
const listeners = new Set<() => void>()

/** What was refused last, for `Notice` to say; undefined for nothing. */
export const lastRefusal = () => current

export function onRefusal(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function say(error: unknown): void {
  current = error
  for (const listener of listeners) listener()
}
