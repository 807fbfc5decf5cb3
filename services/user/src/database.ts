import type { DatabaseDefinition } from '@fanone/service-kit'
import { AccountEntity } from './account/account.entity.ts'
import { AuditEventEntity } from './audit/audit.entity.ts'
import { migrations } from './migrations/index.ts'
import { PasskeyEntity, SpentChallengeEntity } from './passkey/passkey.entity.ts'
import { CodeMessageEntity, PhoneCodeEntity, PhoneEntity } from './phone/phone.entity.ts'
import { ProfileEntity } from './profile/profile.entity.ts'
import { RemovedContentEntity, ReportEntity } from './report/report.entity.ts'
import { SessionEntity } from './session/session.entity.ts'
import { RecoveryCodeEntity, TotpEntity } from './totp/totp.entity.ts'

/** What the service keeps in MySQL. */
export const database = {
  entities: [
    AccountEntity,
    ProfileEntity,
    SessionEntity,
    TotpEntity,
    RecoveryCodeEntity,
    AuditEventEntity,
    ReportEntity,
    RemovedContentEntity,
    PhoneEntity,
    PhoneCodeEntity,
    CodeMessageEntity,
    PasskeyEntity,
    SpentChallengeEntity,
  ],
  migrations,
} satisfies DatabaseDefinition
