// The command line behind `npm start`, `npm stop` and the others; scripts/start.mjs runs it on Node
// 24.

import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { readSettings, type Settings } from './stack/settings.ts'

// Half of what a command takes otherwise is compiling what it imports.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/compile'))

type Command = (settings: Settings, args: string[]) => Promise<number>

/**
 * Loads a command, which gets what follows its name and returns the exit code. Only the one that is
 * wanted: together they import clients of every server, which takes longer than most of them run.
 */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./commands/start.ts')).startAll,
  infra: async () => (await import('./commands/start.ts')).startInfraOnly,
  stop: async () => (await import('./commands/stop.ts')).stop,
  status: async () => (await import('./commands/status.ts')).status,
  logs: async () => (await import('./commands/logs.ts')).logs,
  'log-level': async () => (await import('./commands/log-level.ts')).logLevel,
  trace: async () => (await import('./commands/trace.ts')).trace,
  reset: async () => (await import('./commands/reset.ts')).reset,
  backup: async () => (await import('./commands/backup.ts')).backup,
  restore: async () => (await import('./commands/restore.ts')).restore,
  scale: async () => (await import('./commands/scale.ts')).scale,
  restart: async () => (await import('./commands/scale.ts')).restart,
  test: async () => (await import('./commands/test.ts')).test,
  generate: async () => (await import('./commands/generate.ts')).generate,
  profile: async () => (await import('./commands/profile.ts')).profile,
  faults: async () => (await import('./commands/faults.ts')).faults,
  'feed:rebuild': async () => (await import('./commands/feed-rebuild.ts')).rebuildFeed,
  'image-search:rebuild': async () => (await import('./commands/image-search-rebuild.ts')).rebuildImageSearch,
  'stats:rebuild': async () => (await import('./commands/stats-rebuild.ts')).rebuildStats,
  operator: async () => (await import('./commands/operator.ts')).operator,
  codes: async () => (await import('./commands/codes.ts')).codes,
  'secrets:rotate': async () => (await import('./commands/secrets-rotate.ts')).rotateSecrets,
  'chart:render': async () => (await import('./commands/chart-render.ts')).renderChart,
  'kubernetes:secrets': async () => (await import('./commands/kubernetes-secrets.ts')).kubernetesSecrets,
  'kind:up': async () => (await import('./commands/kind.ts')).kindUp,
  'kind:down': async () => (await import('./commands/kind.ts')).kindDown,
  'events:replay': async () => (await import('./commands/events-replay.ts')).replayEvents,
}

const [name = 'start', ...args] = process.argv.slice(2)
const load = commands[name]
if (load === undefined) {
  console.error(`There is no command "${name}"; there are ${Object.keys(commands).join(', ')}`)
  process.exit(2)
}
try {
  process.exitCode = await (await load())(readSettings(), args)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
