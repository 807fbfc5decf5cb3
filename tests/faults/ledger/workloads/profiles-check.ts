import { checkCreated, checkSame, checkValue, type Violation } from '../checker.ts'
import { checkEvents, toWireEvents } from '../event-checker.ts'
import { queryMysql, withRedis } from '../stores.ts'
import type { Evidence } from '../workload.ts'

interface ProfileRow {
  id: number
  name: string
  version: number
}

/**
 * Compares ledger, accounts, profiles, Kafka and the feed's authors.
 *
 * @param of.ids users that changed their profiles
 * @param of.tag prefix of the names of registered users
 */
export async function checkProfiles(
  of: { ids: number[]; tag: string },
  { operations, messages }: Evidence,
): Promise<Violation[]> {
  const rows = await queryMysql<ProfileRow>('select id, name, version from user.profile where id in (?)', [of.ids])
  const edits = operations.filter(({ op, subject }) => op === 'profile.edit' && of.ids.includes(Number(subject)))
  const values = rows.flatMap(({ id, name }) =>
    checkValue({
      subject: id,
      place: 'the profile',
      writes: edits.filter(({ subject }) => subject === id),
      held: name,
    }),
  )
  const events = toWireEvents(messages, ({ userId, version }, topic) =>
    topic === 'user.updated' && of.ids.includes(Number(userId))
      ? { aggregateId: Number(userId), version: Number(version) }
      : undefined,
  )
  // A registration is version 1 without an event; each edit adds a version and an event.
  const committed = new Map(
    rows.map(({ id, version }) => [
      id,
      { firstVersion: 2, topics: Array.from({ length: version - 1 }, () => 'user.updated') },
    ]),
  )
  return [
    ...values,
    ...checkEvents(events, committed),
    ...(await checkAuthors(rows)),
    ...(await checkAccounts(
      of.tag,
      operations.filter(({ op }) => op === 'user.register'),
    )),
  ]
}

/** What the feed shows of authors. */
async function checkAuthors(rows: ProfileRow[]): Promise<Violation[]> {
  const changed = rows.filter(({ version }) => version > 1)
  if (changed.length === 0) return []
  const records = await withRedis((redis) => redis.mget(...changed.map(({ id }) => `feed:author:${id}`)))
  const held = new Map<number, string>()
  for (const [index, record] of records.entries()) {
    const [, version, json] = record?.match(/^(\d+):(.*)$/s) ?? []
    if (json) held.set(changed[index]?.id ?? 0, `version ${version} ${JSON.parse(json).name}`)
  }
  const expected = new Map(changed.map(({ id, version, name }) => [id, `version ${version} ${name}`]))
  return checkSame('the authors in Redis', expected, held)
}

/** Accounts with their profiles: one without the other would be half an account. */
async function checkAccounts(tag: string, registrations: Parameters<typeof checkCreated>[0]): Promise<Violation[]> {
  const accounts = await queryMysql<{ id: number; username: string; profileId: number | null }>(
    `select account.id, username_key as username, profile.id as profileId
     from user.account left join user.profile on profile.id = account.id where username_key like ?`,
    [`${tag}%`],
  )
  const halves = accounts.filter(({ profileId }) => profileId === null)
  return [
    ...checkCreated(
      registrations,
      accounts.map(({ username }) => username),
    ),
    ...halves.map(({ id }) => ({ rule: 'half', subject: id, detail: 'an account without a profile' })),
  ]
}
