/**
 * What a person chose for this browser. A browser that keeps nothing forgets it at the
 * next load.
 */
export type Preference = 'language' | 'theme' | 'volume' | 'muted' | 'member'

const nameOf = (preference: Preference) => `fanone.${preference}`

export function readPreference(preference: Preference): string | undefined {
  try {
    return localStorage.getItem(nameOf(preference)) ?? undefined
  } catch {
    return undefined
  }
}

export function writePreference(preference: Preference, value: string): void {
  try {
    localStorage.setItem(nameOf(preference), value)
  } catch {
    // Storage is full or forbidden; the choice holds until the page is left.
  }
}
