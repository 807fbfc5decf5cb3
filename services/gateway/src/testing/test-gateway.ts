import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@fanone/service-kit'
import { createLocalStorage, mediaStoreFolder, type Storage } from '@fanone/storage'
import { createParts, type GatewayKit } from '../app.ts'
import { EndedSessions } from '../auth/ended-sessions.ts'
import { GatewayConfig } from '../config.ts'
import { createPublicApp, type PublicAppParts } from '../http/public-app.ts'
import type { Limits } from '../limits/limits.ts'
import { makeSigningKey } from './test-tokens.ts'

/** Operations by service, noun and verb; what a test does not give is not there. */
export type FakeServices = Record<string, Record<string, Record<string, (input: never, options: never) => unknown>>>

/**
 * The real public app on its own port, with services played by a test.
 *
 * @param env settings; with FANONE_HOME a storage that others see too, which stays
 * @param parts other parts that are replaced; with a storage of its own the folder is not used
 */
export async function startTestGateway(
  services: FakeServices,
  env: Record<string, string> = {},
  parts: Partial<Omit<PublicAppParts, 'limits'>> & { limits?: Partial<Limits>; storage?: Storage } = {},
) {
  const home = env.FANONE_HOME ?? (await mkdtemp(join(tmpdir(), 'gateway-test-')))
  const key = await makeSigningKey('test-key')
  const keys = { list: async () => ({ keys: [key.jwk] }) }
  const noneEnded = async () => ({ items: [], isLast: true, asOf: new Date().toISOString() })
  const user = { keys, ...services.user, sessions: { listEnded: noneEnded, ...services.user?.sessions } }
  const config = GatewayConfig.parse({ REDIS_ADDRESS: '127.0.0.1:1', RATE_LIMIT_FACTOR: '1000', ...env })
  const kit = {
    config: { ...config, FANONE_HOME: home },
    log: createLogger({ appId: 'gateway', level: 'silent' }),
    client: (appId: string) => (appId === 'user' ? user : (services[appId] ?? {})),
  } as unknown as GatewayKit
  const ended = new EndedSessions({ user: kit.client('user').sessions })
  const stopping = new AbortController()
  const made = await createParts(kit, {
    redis: undefined,
    ended,
    visitorKey: 'test',
    storage: parts.storage ?? createLocalStorage({ rootDir: mediaStoreFolder(home) }),
    stopping: stopping.signal,
  })
  const { app, isQuiet } = createPublicApp({ ...made, ...parts, limits: { ...made.limits, ...parts.limits } })
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    key,
    isQuiet,
    port,
    url: `http://127.0.0.1:${port}`,
    /** Ends answers that would go on, as a gateway that stops does. */
    end: () => stopping.abort(),
    /** Changes limits, as the file of limits does. */
    applyLimits: made.limits.apply,
    /** Reads which sessions have ended, as a gateway does all the time. */
    readEnded: () => ended.load(),
    /** Names of the files that uploads left in storage. */
    storedFiles: async () => {
      const entries = await readdir(mediaStoreFolder(home), { recursive: true, withFileTypes: true }).catch(() => [])
      return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      if (!env.FANONE_HOME) await rm(home, { recursive: true, force: true })
    },
  }
}
