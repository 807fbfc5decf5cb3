import { join } from 'node:path'
import { openPictures } from '@fanone/pictures'
import { connectCacheRedis, type Kit, SensitiveWords, type ServiceParts } from '@fanone/service-kit'
import { openStorage } from '@fanone/storage'
import type service from '../service.ts'
import { accountOperations } from './account/account.operations.ts'
import { AccountService } from './account/account.service.ts'
import { AccountProofs } from './account/account-proofs.ts'
import { NewAccounts } from './account/new-accounts.ts'
import { auditOperations, securityEventOperations } from './audit/audit.operations.ts'
import { AuditLog } from './audit/audit-log.ts'
import { banOperations } from './ban/ban.operations.ts'
import { BanService } from './ban/ban.service.ts'
import { endedBansWorker } from './ban/ban.worker.ts'
import { keyOperations } from './key/key.operations.ts'
import { loadSigningKeys } from './key/signing-key.ts'
import { oldRowsWorker } from './old-rows.worker.ts'
import { operatorOperations } from './operator/operator.operations.ts'
import { OperatorService } from './operator/operator.service.ts'
import { passkeyOperations } from './passkey/passkey.operations.ts'
import { PasskeyService } from './passkey/passkey.service.ts'
import { PasskeyChallenges } from './passkey/passkey-challenges.ts'
import { RelyingParty } from './passkey/relying-party.ts'
import { HashQueue } from './password/hash-queue.ts'
import { PasswordHasher } from './password/password-hasher.ts'
import { PasswordRule } from './password/password-rule.ts'
import { CodeDelivery } from './phone/code-delivery.ts'
import { fileSender, webhookSender } from './phone/code-sender.ts'
import { phoneOperations } from './phone/phone.operations.ts'
import { PhoneService } from './phone/phone.service.ts'
import { PhoneCodes } from './phone/phone-codes.ts'
import { PhoneKeys } from './phone/phone-keys.ts'
import { PictureJanitor } from './picture/picture.janitor.ts'
import { PictureService } from './picture/picture.service.ts'
import { ProfileCache } from './profile/profile.cache.ts'
import { profileEvents } from './profile/profile.events.ts'
import { profileOperations } from './profile/profile.operations.ts'
import { ProfileService } from './profile/profile.service.ts'
import { removalOperations } from './removal/removal.operations.ts'
import { RemovalService } from './removal/removal.service.ts'
import { reportOperations } from './report/report.operations.ts'
import { ReportService } from './report/report.service.ts'
import { oldSealsWorker } from './secret/old-seals.worker.ts'
import { Sealer } from './secret/sealer.ts'
import { AccessTokens } from './session/access-token.ts'
import { sessionOperations } from './session/session.operations.ts'
import { SessionService } from './session/session.service.ts'
import { SessionList } from './session/session-list.ts'
import { Sessions } from './session/sessions.ts'
import { totpOperations } from './totp/totp.operations.ts'
import { TotpService } from './totp/totp.service.ts'

export async function createApp(kit: Kit<typeof service>): Promise<ServiceParts<typeof service>> {
  const { config, database, log } = kit
  const words = await SensitiveWords.open(config, log)
  const signingKeys = await loadSigningKeys(await kit.secret('token-signing-key'))
  const queue = new HashQueue({ concurrency: config.HASH_CONCURRENCY, maxWaitMs: config.HASH_WAIT_MS })
  const hasher = await PasswordHasher.create(queue)
  const rule = new PasswordRule()
  const cache = new ProfileCache({ redis: kit.redis(connectCacheRedis), database, log })
  const profiles = new ProfileService({ database, cache, words })
  const audit = new AuditLog({ database })
  const list = new SessionList({ database })
  const sessions = new Sessions({ state: kit.state, list, accessTokens: new AccessTokens(signingKeys), audit, log })
  const storage = await openStorage({ config, secret: kit.secret })
  const pictures = new PictureService({ database, cache, pictures: await openPictures({ config, storage, log }) })
  const sealer = Sealer.parse(await kit.secret('account-encryption-key'))
  const totp = new TotpService({ database, hasher, profiles, sealer, signingKeys, audit })
  const removals = new RemovalService({ database, audit })
  const bans = new BanService({ database, profiles, list, sessions, audit })
  const newAccounts = new NewAccounts({ database, words, profiles, audit })
  const keys = new PhoneKeys(await kit.secret('phone-index-key'))
  const send = config.CODE_WEBHOOK_URL
    ? webhookSender({ url: config.CODE_WEBHOOK_URL, key: await kit.secret('code-webhook-key') })
    : fileSender(join(config.FANONE_HOME, 'run/codes.jsonl'))
  const delivery = new CodeDelivery({ database, sealer, send, log }).worker(log)
  const codes = new PhoneCodes({ database, keys, sealer, onIssued: () => delivery.wake() })
  const proofs = new AccountProofs({ database, codes, hasher, totp })
  const phones = new PhoneService({
    ...{ database, proofs, keys, codes, sealer, hasher, rule, profiles, totp, list, sessions, signingKeys, audit },
    accounts: newAccounts,
  })
  const challenges = new PasskeyChallenges({ database, signingKeys })
  const site = new RelyingParty(config.PASSKEY_ORIGINS)
  const passkeys = new PasskeyService({ database, challenges, site, proofs, profiles, sessions, signingKeys, audit })
  const accounts = new AccountService({
    database,
    accounts: newAccounts,
    hasher,
    rule,
    profiles,
    list,
    sessions,
    signingKeys,
    audit,
  })
  return {
    operations: {
      accounts: accountOperations(accounts),
      sessions: sessionOperations(
        new SessionService({ database, hasher, profiles, totp, list, sessions, signingKeys, audit }),
      ),
      totp: totpOperations(totp),
      phones: phoneOperations(phones),
      passkeys: passkeyOperations(passkeys),
      securityEvents: securityEventOperations(audit),
      profiles: profileOperations(profiles, pictures),
      keys: keyOperations(signingKeys),
      operators: operatorOperations(new OperatorService({ database, list, sessions, audit })),
      bans: banOperations(bans),
      reports: reportOperations(new ReportService({ database, bans, removals, audit })),
      removals: removalOperations(removals),
      audit: auditOperations(audit),
    },
    handlers: profileEvents(cache),
    workers: {
      'sensitive words': words,
      'old audit': oldRowsWorker({ name: 'old audit', keeper: audit, database, log }),
      'old codes': oldRowsWorker({ name: 'old codes', keeper: codes, database, log }),
      'old challenges': oldRowsWorker({ name: 'old challenges', keeper: challenges, database, log }),
      'code delivery': delivery,
      'old sessions': oldRowsWorker({ name: 'old sessions', keeper: list, database, log }),
      'picture janitor': new PictureJanitor({
        storage,
        database,
        log,
        graceMs: config.MEDIA_GRACE_SECONDS * 1000,
        intervalMs: config.MEDIA_SWEEP_SECONDS * 1000,
      }),
      'old seals': oldSealsWorker({ database, keepers: [totp, phones], log }),
      'ended bans': endedBansWorker({ database, bans, log }),
    },
  }
}
