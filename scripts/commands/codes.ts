import { readFile } from 'node:fs/promises'
import { type Settings, stackPaths } from '../stack/settings.ts'

const SHOWN = 20

/** `npm run codes [-- <number>]`: the newest verification codes that a local installation sent. */
export async function codes(settings: Settings, [number]: string[]): Promise<number> {
  const text = await readFile(stackPaths(settings).codes, 'utf8').catch(() => '')
  const sent = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { number: string; code: string; purpose: string; expiresAt: string })
  const shown = sent.filter((message) => number === undefined || message.number === number).slice(-SHOWN)
  for (const message of shown)
    console.log(`${message.number}  ${message.code}  ${message.purpose}  until ${message.expiresAt}`)
  if (shown.length === 0) console.log('No code was sent')
  return 0
}
