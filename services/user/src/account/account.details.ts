import type { AccountDetails } from '@fanone/contracts'
import type { EntityManager } from '@fanone/service-kit'
import { banOf } from '../ban/ban.ts'
import type { ProfileRow } from '../profile/profile.entity.ts'
import { findProfiles } from '../profile/profile.repository.ts'
import { AccountEntity, type AccountRow } from './account.entity.ts'
import { displayUsername, usernameKey } from './username.ts'

/** Accounts with all of these that are given, and what they are called; hidden ones too. */
export async function findAccounts(
  em: EntityManager,
  query: { id?: number | undefined; username?: string | undefined; role?: 'operator' | undefined },
): Promise<AccountDetails[]> {
  const { id, username, role } = query
  const where = {
    ...(id !== undefined && { id }),
    ...(username !== undefined && { usernameKey: usernameKey(displayUsername(username)) }),
    ...(role !== undefined && { role }),
  }
  if (Object.keys(where).length === 0) return []
  const accounts = await em.find(AccountEntity, where, { orderBy: { id: 'asc' }, disableIdentityMap: true })
  const ids = accounts.map((account) => account.id)
  const profiles = new Map((await findProfiles(em, ids)).map((profile) => [profile.id, profile]))
  return accounts.flatMap((account) => {
    const profile = profiles.get(account.id)
    return profile ? [toDetails({ account, profile })] : []
  })
}

export function toDetails(row: {
  account: Pick<AccountRow, 'id' | 'role' | 'createdAt' | 'bannedAt' | 'bannedUntil' | 'banReason'>
  profile: Pick<ProfileRow, 'username' | 'name'>
}): AccountDetails {
  const { id, role, createdAt } = row.account
  const { username, name } = row.profile
  return { id, username, name, role: role ?? null, createdAt: createdAt.toISOString(), ban: banOf(row.account) }
}
