const MAX_COLUMNS = 100

/** Lines that are nothing but comment and too wide; those that cannot be wrapped are allowed. */
export function wideComments(text: string): { line: number; width: number }[] {
  return text.split('\n').flatMap((content, index) => {
    const width = [...content].length
    const isWide = width > MAX_COLUMNS && /^\s*(\/\*\*|\*|\/\/)/.test(content)
    return isWide && !isUnbreakable(content) ? [{ line: index + 1, width }] : []
  })
}

/** A link without a blank, or an instruction to a tool, which must stay on one line. */
function isUnbreakable(content: string): boolean {
  const words = content.trim().split(/\s+/)
  return /biome-ignore|@ts-expect-error/.test(content) || words.some((word) => word.length > MAX_COLUMNS / 2)
}
