import { randomBytes } from 'node:crypto'
import type { Database } from '@fanone/service-kit'
import { newSigningKey } from '../../scripts/stack/secrets.ts'
import { AccountProofs } from '../../services/user/src/account/account-proofs.ts'
import { NewAccounts } from '../../services/user/src/account/new-accounts.ts'
import { AuditLog } from '../../services/user/src/audit/audit-log.ts'
import { BanService } from '../../services/user/src/ban/ban.service.ts'
import { database as definition } from '../../services/user/src/database.ts'
import { loadSigningKeys } from '../../services/user/src/key/signing-key.ts'
import { HashQueue } from '../../services/user/src/password/hash-queue.ts'
import { PasswordHasher } from '../../services/user/src/password/password-hasher.ts'
import { PasswordRule } from '../../services/user/src/password/password-rule.ts'
import { CodeDelivery } from '../../services/user/src/phone/code-delivery.ts'
import type { CodeMessage, CodeSender } from '../../services/user/src/phone/code-sender.ts'
import { PhoneService } from '../../services/user/src/phone/phone.service.ts'
import { PhoneCodes } from '../../services/user/src/phone/phone-codes.ts'
import { PhoneKeys } from '../../services/user/src/phone/phone-keys.ts'
import { ProfileCache } from '../../services/user/src/profile/profile.cache.ts'
import { ProfileService } from '../../services/user/src/profile/profile.service.ts'
import { Sealer } from '../../services/user/src/secret/sealer.ts'
import { AccessTokens } from '../../services/user/src/session/access-token.ts'
import { MemoryState } from '../../services/user/src/session/memory-state.ts'
import { SessionList } from '../../services/user/src/session/session-list.ts'
import { Sessions } from '../../services/user/src/session/sessions.ts'
import { TotpService } from '../../services/user/src/totp/totp.service.ts'
import { scratchCacheRedis } from '../support/scratch-cache.ts'
import { silentLog as log, scratchDatabase } from '../support/scratch-database.ts'

/** A clock that tests turn. */
export interface Clock {
  nowMs: number
}

/** Two instances of what the user service does with phones, over a database of their own. */
export async function phoneParts(clock: Clock) {
  const scratch = await scratchDatabase(definition)
  const redis = await scratchCacheRedis()
  const sent: CodeMessage[] = []
  const shared = {
    redis,
    clock,
    state: new MemoryState(),
    hasher: await PasswordHasher.create(new HashQueue({ concurrency: 1, maxWaitMs: 60_000 })),
    signingKeys: await loadSigningKeys(newSigningKey()),
    phoneSecret: randomBytes(32).toString('hex'),
    sealers: sealersOf([1, 2].map((version) => ({ version, key: randomBytes(24).toString('hex') }))),
    send: (async (message) => void sent.push(message)) as CodeSender,
  }
  const one = instance(await scratch.open(), shared)
  const two = instance(await scratch.open(), shared)
  return {
    one,
    two,
    sent,
    /** The same service after a rotation of the key that seals. */
    rotated: (...versions: number[]) => instance(one.database, shared, versions),
    query: async (sql: string) => (await scratch.admin.query(sql.replaceAll('$', `${scratch.name}.`)))[0],
    async close(): Promise<void> {
      redis.disconnect()
      await scratch.drop()
    },
  }
}

const sealersOf =
  (keys: { version: number; key: string }[]) =>
  (...versions: number[]) =>
    Sealer.parse(JSON.stringify(keys.filter(({ version }) => versions.includes(version))))

interface Shared {
  redis: Awaited<ReturnType<typeof scratchCacheRedis>>
  clock: Clock
  state: MemoryState
  hasher: PasswordHasher
  signingKeys: Awaited<ReturnType<typeof loadSigningKeys>>
  phoneSecret: string
  sealers: (...versions: number[]) => Sealer
  send: CodeSender
}

function instance(database: Database, shared: Shared, versions = [1]) {
  const { redis, clock, state, hasher, signingKeys, phoneSecret, sealers, send } = shared
  const now = () => new Date(clock.nowMs)
  const sealer = sealers(...versions)
  const words = { refuse: () => {}, check: <Texts>(texts: Texts) => texts }
  const audit = new AuditLog({ database, now })
  const profiles = new ProfileService({ database, cache: new ProfileCache({ redis, database, log }), words })
  const list = new SessionList({ database, now })
  const accessTokens = new AccessTokens(signingKeys)
  const sessions = new Sessions({ state, list, accessTokens, audit, log, now: () => clock.nowMs })
  const totp = new TotpService({ database, hasher, profiles, sealer, signingKeys, audit, now })
  const keys = new PhoneKeys(phoneSecret)
  const codes = new PhoneCodes({ database, keys, sealer, now })
  const accounts = new NewAccounts({ database, words, profiles, audit })
  const shown = {
    database,
    keys,
    codes,
    sealer,
    hasher,
    rule: new PasswordRule(),
    accounts,
    profiles,
    totp,
    list,
    sessions,
    signingKeys,
    audit,
  }
  const bans = new BanService({ database, profiles, list, sessions, audit })
  const delivery = new CodeDelivery({ database, sealer, send, log, now })
  return { ...shown, bans, delivery, phones: new PhoneService({ ...shown, proofs: new AccountProofs(shown), now }) }
}
