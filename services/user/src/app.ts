import { userContract } from '@fanone/contracts'
import {
  connectCacheRedis,
  type Database,
  type Kit,
  operations,
  SensitiveWords,
  type ServiceParts,
} from '@fanone/service-kit'
import { accountOperations } from './account/account.operations.ts'
import { AccountService } from './account/account.service.ts'
import type { UserConfig } from './config.ts'
import { keyOperations } from './key/key.operations.ts'
import { loadSigningKey } from './key/signing-key.ts'
import { HashQueue } from './password/hash-queue.ts'
import { PasswordHasher } from './password/password-hasher.ts'
import { ProfileCache } from './profile/profile.cache.ts'
import { profileEvents } from './profile/profile.events.ts'
import { profileOperations } from './profile/profile.operations.ts'
import { ProfileService } from './profile/profile.service.ts'
import { AccessTokens } from './session/access-token.ts'
import { sessionOperations } from './session/session.operations.ts'
import { SessionService } from './session/session.service.ts'
import { Sessions } from './session/sessions.ts'
import { subscriptions } from './subscriptions.ts'

/** Accounts, credentials, sessions and profiles. */
export async function createApp(kit: Kit<UserConfig> & { database: Database }): Promise<ServiceParts> {
  const { config, database, log } = kit
  const words = await SensitiveWords.open(config, log)
  const signingKey = await loadSigningKey(await kit.secret('token-signing-key'))
  const queue = new HashQueue({ concurrency: config.HASH_CONCURRENCY, maxWaitMs: config.HASH_WAIT_MS })
  const hasher = await PasswordHasher.create(queue)
  const password = await kit.secret('redis-password')
  // Not closed: running requests use it until the process ends.
  const redis = connectCacheRedis({ address: config.REDIS_ADDRESS, password, log })
  const cache = new ProfileCache({ redis, database, log })
  const profiles = new ProfileService({ database, cache, words })
  const sessions = new Sessions({ state: kit.state, accessTokens: new AccessTokens(signingKey) })
  const router = operations(userContract)
  return {
    operations: router.router({
      accounts: accountOperations(
        router.accounts,
        new AccountService({ database, words, hasher, profiles, sessions, signingKey }),
      ),
      sessions: sessionOperations(router.sessions, new SessionService({ database, hasher, profiles, sessions })),
      profiles: profileOperations(router.profiles, profiles),
      keys: keyOperations(router.keys, signingKey),
    }),
    subscriptions: subscriptions(profileEvents(cache)),
    workers: [words],
  }
}
