import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { serveControl } from '../stack/control.ts'
import { readSettings, type Settings, stackPaths } from '../stack/settings.ts'
import type { PartStatus } from '../stack/supervised.ts'
import { profile } from './profile.ts'

let settings: Settings
beforeEach(async () => {
  settings = { ...readSettings(), home: mkdtempSync(join(tmpdir(), 'fanone-profile-')) }
  await mkdir(stackPaths(settings).run)
})
afterEach(() => rmSync(settings.home, { recursive: true }))

const part = (name: string, kind: PartStatus['kind']): PartStatus => {
  const status = { part: name, kind, ports: {}, log: '', restarts: 2 }
  return { ...status, state: 'restarting', pid: undefined, lastEnd: 'exit code 1' }
}

it.for([
  [['feed-1'], 'feed-1 is restarting (exit code 1); see npm run logs -- feed-1'],
  [['nobody'], 'There is no service "nobody"; there are feed, feed-1'],
  [['feed.sidecar'], 'There is no service "feed.sidecar"; there are feed, feed-1'],
  [[], 'npm run profile -- <service>, where service is one of feed, feed-1'],
  [['feed', '--seconds', 'soon'], '--seconds must be a number up to 3600, not "soon"'],
] as const)('a profile of %j cannot be had and the message says why', async ([args, message]) => {
  const parts = [part('feed', 'app'), part('feed.sidecar', 'sidecar'), part('feed-1', 'app')]
  const server = await serveControl(stackPaths(settings).socket, async () => ({ parts }))
  onTestFinished(() => void server.close())
  await expect(profile(settings, [...args])).rejects.toThrow(message)
})

it('where nothing runs there is nothing to profile', async () => {
  await expect(profile(settings, ['feed'])).rejects.toThrow('FanOne is not running; start it with npm start')
})
