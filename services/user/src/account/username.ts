import { foldText } from '@fanone/service-kit'

/**
 * What decides whether two user names are the same; see `foldText`.
 */
export const usernameKey = foldText

/** How a user name is kept and shown: as typed, in Unicode's composed form. */
export function displayUsername(username: string): string {
  return username.trim().normalize('NFC')
}
