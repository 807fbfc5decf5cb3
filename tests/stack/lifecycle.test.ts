import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TokenPair } from '@fanone/contracts'
import { decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { addSigningKey, readTimedKeys } from '../../scripts/stack/secrets.ts'
import type { PartStatus } from '../../scripts/stack/supervised.ts'
import { randomName } from '../support/community.ts'
import { argumentsOf, type Installation, newInstallation, occupy } from '../support/installation.ts'
import { eventually, root } from '../support/stack.ts'

// One story on a second, small installation (gateway and user) beside the one that the other tests
// use. Each test begins where the one before ended, because a start takes its time.

const SIGNS = 'token-signing-key'
let installation: Installation
let folder: string
const credentials = { username: randomName(), password: randomName('password') }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanone-small-'))
  const daprYaml = join(folder, 'dapr.yaml')
  await writeFile(daprYaml, await smallDaprYaml())
  installation = await newInstallation({ checkout: root, env: { FANONE_DAPR_YAML: daprYaml } })
})

afterAll(async () => {
  await installation.remove()
  await rm(folder, { recursive: true, force: true })
})

test('what was never started says so: status 3, stop and reset have nothing to do', async () => {
  const status = await installation.run('status', '--json')
  expect(JSON.parse(status.stdout)).toEqual({ running: false, parts: [] })
  expect(status.exitCode).toBe(3)
  expect(await installation.run('stop')).toMatchObject({ exitCode: 0, output: expect.stringContaining('not running') })
  expect((await installation.run('reset')).output).toContain('nothing to delete')
})

test('a port that is taken is named with the part that needs it and the setting to change', async () => {
  const servers = [await occupy(port(7001)), await occupy(port(8080)), await occupy(port(7310))]
  const { exitCode, output } = await installation.run('start', '--no-demo', '--no-monitoring')
  for (const server of servers) server.close()
  expect(exitCode).toBe(1)
  expect(output).toMatch(new RegExp(`Port ${port(7001)} is taken by .*pid ${process.pid}.*mysql.*FANONE_PORT_BASE`))
  expect(output).toMatch(new RegExp(`Port ${port(8080)} is taken.*gateway.*FANONE_HTTP_PORT`))
  expect(output).toMatch(new RegExp(`Port ${port(7310)} is taken.*user\\.sidecar.*FANONE_PORT_BASE`))
  expect(installation.processes()).toEqual([])
})

test('a setting that cannot be is refused in one line', async () => {
  const { exitCode, output } = await installation.run(
    'start',
    '--no-demo',
    '--no-monitoring',
    '--instances',
    'nobody=2',
  )
  expect({ exitCode, output }).toEqual({ exitCode: 1, output: '--instances nobody=2: there is no service "nobody"' })
  expect(installation.processes()).toEqual([])
})

test('a start tells the addresses; then every part is healthy', async () => {
  const { exitCode, output } = await installation.run('start', '--no-demo', '--no-monitoring')
  expect(exitCode, output).toBe(0)
  for (const address of [apiUrl(), `${apiUrl()}/docs`, `http://127.0.0.1:${port(7005)}`])
    expect(output).toContain(address)
  const status = await installation.run('status', '--json')
  expect(status.exitCode).toBe(0)
  const parts = (JSON.parse(status.stdout) as { parts: PartStatus[] }).parts
  expect(parts.map(({ part }) => part).toSorted()).toEqual(
    ['gateway', 'gateway.sidecar', 'kafka', 'mysql', 'redis', 'sentry', 'user', 'user.sidecar', 'zipkin'].toSorted(),
  )
  for (const one of parts) {
    expect(one).toMatchObject({ state: 'healthy', restarts: 0 })
    expect(existsSync(one.log), one.log).toBe(true)
    expect(installation.processes()).toContain(one.pid)
  }
  expect((await installation.run('status')).output).toContain(`${port(8080)} public`)
}, 120_000)

test('a second start says that it runs and starts nothing', async () => {
  const before = installation.processes().toSorted()
  const { exitCode, output } = await installation.run('start')
  expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.stringContaining('running already') })
  expect(output).toContain(apiUrl())
  expect(installation.processes().toSorted()).toEqual(before)
})

test('secrets are in one file only its owner reads, in no log and in no arguments of a process', async () => {
  const registered = await post('/v1/users', credentials)
  expect(registered.status).toBe(201)
  const { accessToken, refreshToken } = ((await registered.json()) as { tokens: TokenPair }).tokens
  expect((await post('/v1/sessions', { ...credentials, password: 'a wrong one' })).status).toBe(401)

  const file = join(installation.home, 'secrets/secrets.json')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await stat(join(installation.home, 'secrets'))).mode & 0o777).toBe(0o700)
  const secrets = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>
  const signingKey = signingKeyOf(secrets)
  const hidden = { ...secrets, signingKey, accessToken, refreshToken, password: credentials.password }
  const logs = join(installation.home, 'logs')
  const seen = [
    ...(await Promise.all((await readdir(logs)).map((name) => readFile(join(logs, name), 'utf8')))),
    ...installation.processes().map(argumentsOf),
  ]
  for (const [name, value] of Object.entries(hidden))
    expect(
      seen.some((text) => text.includes(value)),
      name,
    ).toBe(false)
})

test('nothing but the owner can read what it keeps', async () => {
  for (const name of ['data', 'logs', 'run', 'secrets'])
    expect((await stat(join(installation.home, name))).mode & 0o077, name).toBe(0)
})

test('a part that is not healthy makes status 1', async () => {
  // One that has just begun is started again later each time, at last later than a status takes.
  const status = await eventually(
    async () => {
      const { parts } = JSON.parse((await installation.run('status', '--json')).stdout) as { parts: PartStatus[] }
      const user = parts.find(({ part }) => part === 'user')
      if (user?.state === 'healthy') process.kill(user.pid as number, 'SIGKILL')
      const told = await installation.run('status')
      return told.exitCode !== 0 && told
    },
    { timeoutMs: 60_000 },
  )
  expect(status).toMatchObject({ exitCode: 1, output: expect.stringMatching(/user +(restarting|starting)/) })
  await eventually(async () => (await installation.run('status')).exitCode === 0, { timeoutMs: 30_000 })
}, 100_000)

test('after a supervisor that was killed with -9, npm stop still leaves no process', async () => {
  const supervisor = installation.processes().find((pid) => argumentsOf(pid).includes('supervisor.ts'))
  process.kill(supervisor as number, 'SIGKILL')
  await eventually(() => !installation.processes().includes(supervisor as number))
  const left = installation.processes().length
  expect(left).toBeGreaterThanOrEqual(8)
  expect((await installation.run('status')).exitCode).toBe(3)
  expect(await installation.run('stop')).toMatchObject({ exitCode: 0, output: `Stopped ${left} processes` })
  expect(installation.processes()).toEqual([])
})

test('data and secrets survive a stop and a start', async () => {
  const { exitCode, output } = await installation.run('start', '--no-demo', '--no-monitoring')
  expect(exitCode, output).toBe(0)
  expect((await post('/v1/sessions', credentials)).status).toBe(201)
}, 120_000)

test('another signing key logs nobody out: the gateway goes on, and knows it when it signs', async () => {
  const earlier = await signedIn(await post('/v1/sessions', credentials))
  const form = new URLSearchParams(credentials)
  const douyin = await fetch(`${apiUrl()}/douyin/user/login/?${form}`, { method: 'POST' })
  const { token: lasting } = (await douyin.json()) as { token: string }
  // This one signs at once: the time that gateways get to hear of it has passed.
  addSigningKey(join(installation.home, 'secrets/secrets.json'), SIGNS, Date.now() - 15 * 60_000)
  expect(await installation.run('secrets:rotate', SIGNS)).toMatchObject({ exitCode: 0 })

  const seen = new Set<number>()
  let isOver = false
  const goingOn = (async () => {
    while (!isOver) seen.add((await me(earlier.accessToken)).status)
  })()
  const { exitCode, output } = await installation.run('restart', 'user', '--rolling')
  isOver = true
  await goingOn
  expect(exitCode, output).toBe(0)
  expect(seen).toContain(200)
  expect(seen).not.toContain(401)

  await eventually(async () => (await me(earlier.accessToken)).status === 200)
  await eventually(async () => {
    const answer = await fetch(`${apiUrl()}/douyin/user/?${new URLSearchParams({ token: lasting })}`)
    expect(await answer.json()).toMatchObject({ status_code: 0, user: { name: credentials.username } })
    return true
  })
  // A repeat gets the same tokens.
  const later = await eventually(async () => {
    const answer = await post('/v1/sessions/refresh', { refreshToken: earlier.refreshToken })
    return answer.ok && (await signedIn(answer))
  })
  expect(kidOf(later.accessToken)).not.toBe(kidOf(earlier.accessToken))
  await eventually(async () => (await me(later.accessToken)).status === 200)
  const { keys } = (await (await fetch(`${apiUrl()}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] }
  expect(keys).toHaveLength(3)
  expect(keys.map(({ kid }) => kid)).toEqual(
    expect.arrayContaining([kidOf(earlier.accessToken), kidOf(later.accessToken)]),
  )
}, 100_000)

test('reset says what it deletes, and deletes nothing without a terminal or --yes', async () => {
  const { exitCode, output } = await installation.run('reset')
  expect(exitCode).toBe(1)
  for (const name of ['data', 'secrets', 'logs', 'run']) expect(output).toContain(join(installation.home, name))
  expect(output).toContain('--yes')
  expect((await post('/v1/sessions', credentials)).status).toBe(201)
})

test('reset with --yes ends everything and deletes it', async () => {
  expect((await installation.run('reset', '--yes')).exitCode).toBe(0)
  expect(installation.processes()).toEqual([])
  expect(await readdir(installation.home)).toEqual([])
})

/** dapr.yaml with gateway and user only; paths as seen from anywhere. */
async function smallDaprYaml(): Promise<string> {
  const manifest = parse(await readFile(join(root, 'dapr.yaml'), 'utf8'))
  const { common, apps } = manifest
  common.resourcesPaths = common.resourcesPaths.map((path: string) => resolve(root, path))
  common.configFilePath = resolve(root, common.configFilePath)
  manifest.apps = apps
    .filter(({ appID }: { appID: string }) => ['gateway', 'user'].includes(appID))
    .map((app: { appDirPath: string }) => ({ ...app, appDirPath: resolve(root, app.appDirPath) }))
  return stringify(manifest)
}

const port = (written: number) => written + installation.portBase - 7000
const apiUrl = () => `http://127.0.0.1:${port(8080)}`

function post(path: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(apiUrl() + path, { method: 'POST', headers, body: JSON.stringify(body) })
}

const me = (token: string) => fetch(`${apiUrl()}/v1/users/me`, { headers: { authorization: `Bearer ${token}` } })
const kidOf = (token: string) => decodeProtectedHeader(token).kid as string

async function signedIn(response: Response): Promise<TokenPair> {
  expect(response.ok).toBe(true)
  return ((await response.json()) as { tokens: TokenPair }).tokens
}

/** The private part alone: the whole text holds the public part too, which everybody may read. */
const signingKeyOf = (secrets: Record<string, string>) => readTimedKeys(secrets[SIGNS] as string)[0]?.key.d as string
