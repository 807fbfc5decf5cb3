import type { Ban } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import type { AccountRow } from '../account/account.entity.ts'

/** What an account says of its ban. */
export type Bannable = Pick<AccountRow, 'bannedAt' | 'bannedUntil' | 'banReason'>

/** The ban of an account, null for none. One that is over counts until it is lifted. */
export function banOf({ bannedAt, bannedUntil, banReason }: Bannable): Ban | null {
  if (!bannedAt) return null
  return { reason: banReason ?? '', since: bannedAt.toISOString(), until: bannedUntil?.toISOString() ?? null }
}

/**
 * Says to somebody whose credentials were right that they are banned, why, and until when.
 *
 * @throws ServiceError `account_banned`
 */
export function refuseBanned(account: Bannable | null): void {
  const ban = account && banOf(account)
  if (!ban) return
  const until = ban.until ? ` until ${ban.until}` : ''
  throw new ServiceError('account_banned', { detail: `The account is banned${until}: ${ban.reason}` })
}
