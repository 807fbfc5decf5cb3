import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, home } from './stack.ts'

/** A number that no other test has. */
export const newPhone = () => `+86138${String(randomInt(100_000_000)).padStart(8, '0')}`

/** The code that the stack sent to a number last, as `npm run codes` finds it. */
export async function codeSentTo(number: string, purpose: string): Promise<string> {
  let code: string | undefined
  await eventually(async () => {
    const lines = (await readFile(join(home, 'run/codes.jsonl'), 'utf8').catch(() => '')).trim().split('\n')
    const sent = lines.filter((line) => line !== '').map((line) => JSON.parse(line))
    code = sent.findLast((message) => message.number === number && message.purpose === purpose)?.code
    return code !== undefined
  })
  return String(code)
}
