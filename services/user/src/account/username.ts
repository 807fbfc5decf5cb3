/**
 * What decides whether two user names are the same: the name without regard to case, to the Unicode form it was typed in (NFC,
 * NFD, full width, ligatures) and to characters nobody sees. Accents and different letters stay different: 'é' is not 'e', 'ß' is
 * not 'ss'.
 *
 * This is NFKC_Casefold (Unicode Standard, section 3.13) with simple instead of full case folding. JavaScript has no case folding;
 * lower case of one code point at a time is the same but for the final sigma.
 *
 * @returns the key, possibly empty where a name consists of invisible characters only
 */
export function usernameKey(username: string): string {
  const composed = username.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '')
  const folded = [...composed].map((character) => character.toLowerCase()).join('')
  return folded.replaceAll('ς', 'σ').normalize('NFKC')
}

/** How a user name is kept and shown: as typed, in Unicode's composed form. */
export function displayUsername(username: string): string {
  return username.trim().normalize('NFC')
}
