/**
 * Puts a text between the marks of a page, which name the command that writes it.
 *
 * @throws Error where the page has no such marks
 */
export function replaceMarked(page: string, command: string, text: string): string {
  const [begin, end] = [`<!-- begin: written by ${command} -->`, `<!-- end: written by ${command} -->`]
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`the page has lost the marks of what ${command} writes`)
  return `${page.slice(0, from + begin.length)}\n\n${text}\n${page.slice(to)}`
}
