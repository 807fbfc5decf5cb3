const UTC_PLUS_8_MS = 8 * 60 * 60_000

/** Formats an RFC 3339 instant as `YYYY-MM-DD HH:MM:SS` in UTC+8, without fractions of seconds. */
export function toChinaTime(instant: string): string {
  const shifted = new Date(Date.parse(instant) + UTC_PLUS_8_MS)
  return shifted.toISOString().slice(0, 19).replace('T', ' ')
}
