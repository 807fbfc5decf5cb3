/**
 * Folds a text for comparison: case, Unicode form (NFC, NFD, full width, ligatures) and invisible
 * characters do not count. Accents and different letters stay different: 'é' is not 'e', 'ß' is not
 * 'ss'.
 *
 * This is NFKC_Casefold (Unicode Standard, section 3.13) with simple instead of full case folding.
 * JavaScript has no case folding; lower case of one code point at a time differs only in the final
 * sigma.
 *
 * @returns at most 18 times as many code points
 */
export function foldText(text: string): string {
  const composed = text.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '')
  const folded = [...composed].map((character) => character.toLowerCase()).join('')
  return folded.replaceAll('ς', 'σ').normalize('NFKC')
}
