/** Parts of a file that are generated, by name; the rest is written by hand. */
export type Regions = Readonly<Record<string, string>>

/**
 * Puts each region between its marks, which are comments: `begin <name>: written by npm run
 * generate` and `end <name>`.
 *
 * @throws Error naming a region without marks, and a mark without a region
 */
export function replaceRegions(text: string, regions: Regions): string {
  const marked = /^([^\n]*\bbegin ([\w-]+): written by npm run generate[^\n]*\n)[\s\S]*?^([^\n]*\bend \2\b)/gm
  const missing = new Set(Object.keys(regions))
  const replaced = text.replace(marked, (_all, begin: string, name: string, end: string) => {
    const region = regions[name]
    if (region === undefined) throw new Error(`nothing is generated for the part ${name}`)
    missing.delete(name)
    return `${begin}${region}\n${end}`
  })
  if (missing.size > 0) throw new Error(`there are no marks for ${[...missing].join(', ')}`)
  return replaced
}
