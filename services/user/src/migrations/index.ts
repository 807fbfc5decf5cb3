import { AccountsAndProfiles20261121 } from './accounts-and-profiles-20261121.ts'
import { Audit20261128 } from './audit-20261128.ts'
import { Operators20261128 } from './operators-20261128.ts'
import { Passkeys20261128 } from './passkeys-20261128.ts'
import { Phones20261128 } from './phones-20261128.ts'
import { Reports20261128 } from './reports-20261128.ts'
import { Sessions20261128 } from './sessions-20261128.ts'
import { Totp20261128 } from './totp-20261128.ts'

/** In the order they are applied. */
export const migrations = [
  AccountsAndProfiles20261121,
  Sessions20261128,
  Totp20261128,
  Audit20261128,
  Operators20261128,
  Reports20261128,
  Phones20261128,
  Passkeys20261128,
]
