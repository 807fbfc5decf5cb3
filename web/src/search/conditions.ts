/** What is searched for, as the address says it: days as 2026-11-28. */
export interface Conditions {
  q?: string
  by?: string
  from?: string
  to?: string
}

const DAY_MS = 86_400_000
const LONGEST = 100

/** The conditions in an address; what is none is left out. */
export function readConditions(search: Record<string, unknown>): Conditions {
  const word = (value: unknown) =>
    String(value ?? '')
      .trim()
      .slice(0, LONGEST)
  const day = (value: unknown) => (Number.isNaN(Date.parse(String(value))) ? '' : String(value))
  const found = { q: word(search.q), by: word(search.by), from: day(search.from), to: day(search.to) }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== ''))
}

/** The same for the API. A day begins and ends where the reader is; the last one counts whole. */
export function toQuery({ q, by, from, to }: Conditions) {
  const start = (day: string) => new Date(`${day}T00:00`).getTime()
  return {
    ...(q && { keyword: q }),
    ...(by && { authorName: by }),
    ...(from && { fromMs: start(from) }),
    ...(to && { toMs: start(to) + DAY_MS - 1 }),
  }
}
