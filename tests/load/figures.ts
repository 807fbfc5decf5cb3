import { describeMachine, markdownTable } from './report.ts'

/**
 * Prints where it was measured and a table in Markdown, its first column text, the others numbers.
 */
export async function printTable(header: string[], rows: string[][]): Promise<void> {
  console.log(`\n${await describeMachine()}\n\n${markdownTable(header, rows)}`)
}
