import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { linesOfTrace } from './lines-of-trace.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fanone-logs-'))
})
afterEach(() => rmSync(home, { recursive: true }))

it('lines of all parts with a trace come in the order of time, of the previous run too, whatever their form', async () => {
  const fileOf = (part: string) => join(home, `${part}.log`)
  const line = (time: string, more: object) => JSON.stringify({ level: 'warn', time, ...more })
  const other = line('2026-11-28T09:00:00.500Z', { app: 'video', traceId: 'f'.repeat(32), msg: 'of another' })
  writeFileSync(
    fileOf('video'),
    `${other}\n${line('2026-11-28T09:00:02.000Z', { app: 'video', traceId, code: 'unavailable', msg: 'request failed' })}\n`,
  )
  writeFileSync(
    `${fileOf('gateway')}.1`,
    `${line('2026-11-28T09:00:01.000Z', { app: 'gateway', traceId, msg: 'first' })}\n`,
  )
  writeFileSync(fileOf('mysql'), `a text that names ${traceId}\n`)

  expect(await linesOfTrace(fileOf, ['gateway', 'mysql', 'video'], traceId)).toEqual([
    `mysql  a text that names ${traceId}`,
    '2026-11-28T09:00:01.000Z  gateway  warn  first',
    '2026-11-28T09:00:02.000Z  video  warn  request failed  {"code":"unavailable"}',
  ])
})
