import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { root } from './declarations.ts'

test('a service that is started with nothing names every variable it lacks', async () => {
  const { exitCode, stderr } = await execa('node', ['--import=@fanone/service-kit/telemetry', 'src/main.ts'], {
    cwd: join(root, 'services/stats'),
    preferLocal: true,
    localDir: root,
    env: { TRACE_SAMPLING: 'often' },
    reject: false,
  })
  expect(exitCode).toBe(1)
  const named = stderr.split('\n').map((line) => /^ {2}(\w+): /.exec(line)?.[1])
  expect(named.filter((name) => name !== undefined).toSorted()).toEqual([
    'APP_ID',
    'APP_PORT',
    'DAPR_HTTP_PORT',
    'DATABASE',
    'MYSQL_ADDRESS',
    'REDIS_ADDRESS',
    'TRACE_SAMPLING',
  ])
}, 30_000)
