import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createAppPort } from './app-port.ts'
import type { BaseConfig } from './config.ts'
import { createLogger } from './log.ts'
import { LOG_LEVEL_ROUTE } from './log-level.ts'

const token = 'a token of sixteen'
const log = createLogger({ appId: 'things', level: 'fatal' })
let server: Server

beforeAll(async () => {
  const config = { APP_API_TOKEN: token, APP_ID: 'things' } as BaseConfig
  const options = { config, log, health: { isServing: true }, publisher: {} as never }
  server = createServer(createAppPort({ router: undefined, subscriptions: [] }, options)).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
beforeEach(() => {
  log.level = 'fatal'
})
afterAll(() => void server.close())

const put = (body: object, shown = token) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${LOG_LEVEL_ROUTE}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'dapr-api-token': shown },
    body: JSON.stringify(body),
  })

it('the level of a running service changes, also for loggers that are made later', async () => {
  const response = await put({ level: 'error' })
  expect([response.status, await response.json()]).toEqual([200, { level: 'error' }])
  expect([log.level, log.child({ topic: 'x' }).level]).toEqual(['error', 'error'])
})

it.for([{}, { level: 'loud' }, { level: 3 }, { level: 'info', more: true }, []])(
  '%o is no level, and changes nothing',
  async (body) => {
    const response = await put(body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'invalid_input' })
    expect(log.level).toBe('fatal')
  },
)

it('only who has the token of the app port may change it', async () => {
  expect((await put({ level: 'info' }, 'another token here')).status).toBe(401)
  expect(log.level).toBe('fatal')
})
