// The command line behind `npm start`, `npm stop` and the others; scripts/start.mjs runs it on Node
// 24.

import { replayEvents } from './commands/events-replay.ts'
import { faults } from './commands/faults.ts'
import { rebuildFeed } from './commands/feed-rebuild.ts'
import { generate } from './commands/generate.ts'
import { logs } from './commands/logs.ts'
import { profile } from './commands/profile.ts'
import { reset } from './commands/reset.ts'
import { restart, scale } from './commands/scale.ts'
import { rotateSecrets } from './commands/secrets-rotate.ts'
import { startAll, startInfraOnly } from './commands/start.ts'
import { rebuildStats } from './commands/stats-rebuild.ts'
import { status } from './commands/status.ts'
import { stop } from './commands/stop.ts'
import { test } from './commands/test.ts'
import { readSettings, type Settings } from './stack/settings.ts'

/** Each command gets what follows its name and returns the exit code. */
const commands: Readonly<Record<string, (settings: Settings, args: string[]) => Promise<number>>> = {
  start: startAll,
  infra: startInfraOnly,
  stop,
  status,
  logs,
  reset,
  scale,
  restart,
  test,
  generate,
  profile,
  faults,
  'feed:rebuild': rebuildFeed,
  'stats:rebuild': rebuildStats,
  'secrets:rotate': rotateSecrets,
  'events:replay': replayEvents,
}

const [name = 'start', ...args] = process.argv.slice(2)
const command = commands[name]
if (command === undefined) {
  console.error(`There is no command "${name}"; there are ${Object.keys(commands).join(', ')}`)
  process.exit(2)
}
try {
  process.exitCode = await command(readSettings(), args)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
