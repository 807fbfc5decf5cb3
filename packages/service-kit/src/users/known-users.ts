import { type EventData, MAX_BATCH, type Profile, type userUpdated, type VersionedProfile } from '@fanone/contracts'
import { LRUCache } from 'lru-cache'
import { chunksOf } from '../chunks.ts'
import type { Database } from '../database/database.ts'
import { kysely } from '../database/kysely.ts'
import { newest } from '../database/newest.ts'
import type { Logger } from '../log.ts'
import { Counter } from '../metrics.ts'
import type { EventHandler } from '../subscriptions.ts'
import type { KnownUserEntity } from './known-user.entity.ts'

/** How long nobody asks again for an id that the user service does not know. */
const NOBODY_MS = 60_000
const MAX_NOBODIES = 10_000
/** For so long an answer also serves pages that looked into the table just before it came. */
const ANSWER_MS = 1_000

const usersAsked = new Counter({
  name: 'fanone_known_users_asked_total',
  help: 'Users whom no event had brought, so that the user service was asked',
})

/** What a statement that joins `known_user` selects of it; null where the user is not known. */
export const knownUserColumns = [
  'known_user.username',
  'known_user.name',
  'known_user.avatar_key as avatarKey',
  'known_user.background_key as backgroundKey',
  'known_user.signature',
  'known_user.created_at as userCreatedAt',
  'known_user.updated_at as userUpdatedAt',
  'known_user.is_hidden as isHidden',
] as const

/** A row with `knownUserColumns`, and the user it joined by. */
export interface JoinedUser {
  userId: number
  username: string | null
  name: string | null
  avatarKey: string | null
  backgroundKey: string | null
  signature: string | null
  userCreatedAt: Date | null
  userUpdatedAt: Date | null
  isHidden: number | null
}

/** `profiles.getMany` of the user service. */
export type GetProfiles = (input: { ids: number[] }) => Promise<{ items: VersionedProfile[] }>

/**
 * A service's own copy of the users it shows, in its table `known_user`. Events keep it right; a
 * user whom none has brought is asked for once. Versions decide, so it needs no inbox: a repeated
 * or late event changes nothing.
 *
 *     db.selectFrom('comment').leftJoin('known_user', 'known_user.id', 'comment.user_id')
 *       .select(['comment.user_id as userId', ...knownUserColumns])
 */
export class KnownUsers {
  readonly #database: Database
  readonly #getProfiles: GetProfiles
  readonly #log: Logger
  readonly #asked = new Map<number, Promise<Profile | undefined>>()
  readonly #nobodies = new LRUCache<number, true>({ max: MAX_NOBODIES, ttl: NOBODY_MS })

  constructor(options: { database: Database; getProfiles: GetProfiles; log: Logger }) {
    this.#database = options.database
    this.#getProfiles = options.getProfiles
    this.#log = options.log
  }

  /** What happens here when a user changes. */
  readonly handlers = {
    'user.updated': (async ({ data }) => {
      await this.#put(await this.#factsOf(data))
      return 'handled'
    }) satisfies EventHandler<typeof userUpdated>,
  }

  /**
   * The users of some rows, each once. Those who do not exist or are hidden are left out, and so
   * are those not known yet while the user service does not answer.
   */
  async of(rows: readonly JoinedUser[]): Promise<Profile[]> {
    const shown = rows.filter(({ isHidden }) => isHidden !== 1)
    const byId = new Map(shown.map((row) => [row.userId, toProfile(row)]))
    const unknown = [...byId].flatMap(([id, profile]) => (profile || this.#nobodies.has(id) ? [] : [id]))
    if (unknown.length > 0) for (const profile of await this.#ask(unknown)) byId.set(profile.id, profile)
    return [...byId.values()].filter((profile) => profile !== undefined)
  }

  /** Those that the user service knows. Who was asked for just now is not asked for again. */
  async #ask(ids: number[]): Promise<Profile[]> {
    const unasked = ids.filter((id) => !this.#asked.has(id))
    for (const batch of chunksOf(unasked, MAX_BATCH)) {
      const answer = this.#load(batch)
      for (const id of batch) {
        const one = answer.then((found) => found.get(id))
        this.#asked.set(id, one)
        const forget = () => this.#asked.delete(id)
        one.then(() => void setTimeout(forget, ANSWER_MS).unref(), forget)
      }
    }
    const answers = await Promise.allSettled(ids.map((id) => this.#asked.get(id)))
    const failed = answers.find((answer) => answer.status === 'rejected')
    if (failed) this.#log.warn({ err: failed.reason }, 'users who are not known yet could not be asked for')
    return answers.flatMap((answer) => (answer.status === 'fulfilled' && answer.value ? [answer.value] : []))
  }

  async #load(ids: number[]): Promise<Map<number, Profile>> {
    usersAsked.inc(ids.length)
    const { items } = await this.#getProfiles({ ids })
    await this.#put(items.map(({ version = 0, ...profile }) => ({ ...profile, version, isHidden: false })))
    const found = new Map(items.map(({ version: _version, ...profile }) => [profile.id, profile]))
    for (const id of ids) if (!found.has(id)) this.#nobodies.set(id, true)
    return found
  }

  /**
   * Releases before this one told of less in their events: the user service is asked for the rest.
   */
  async #factsOf(data: EventData<typeof userUpdated>): Promise<KnownUser[]> {
    const { userId: id, signature, backgroundKey, createdAt, isHidden = false, ...facts } = data
    if (signature !== undefined && backgroundKey !== undefined && createdAt !== undefined)
      return [{ ...facts, id, signature, backgroundKey, createdAt, isHidden }]
    const { items } = await this.#getProfiles({ ids: [id] })
    return items.map(({ version = 0, ...profile }) =>
      version >= data.version ? { ...profile, version, isHidden } : { ...profile, ...facts, isHidden },
    )
  }

  /** In one order, so that instances that write the same users never wait for each other. */
  async #put(users: KnownUser[]): Promise<void> {
    if (users.length === 0) return
    const rows = users
      .toSorted((one, other) => one.id - other.id)
      .map(({ avatarKey, backgroundKey, createdAt, updatedAt, isHidden, ...user }) => ({
        ...user,
        avatar_key: avatarKey,
        background_key: backgroundKey,
        created_at: new Date(createdAt),
        updated_at: new Date(updatedAt),
        is_hidden: isHidden ? 1 : 0,
      }))
    await this.#database.transaction((em) =>
      kysely<typeof KnownUserEntity>(em)
        .insertInto('known_user')
        .values(rows)
        .onDuplicateKeyUpdate(newest(replaced))
        .execute()
        .then(() => undefined),
    )
  }
}

/** All facts of a profile at one version. */
type KnownUser = Profile & { version: number; isHidden: boolean }

const replaced = [
  'username',
  'name',
  'avatar_key',
  'background_key',
  'signature',
  'created_at',
  'updated_at',
  'is_hidden',
] as const

function toProfile(row: JoinedUser): Profile | undefined {
  const { userId: id, username, name, avatarKey, backgroundKey, signature, userCreatedAt, userUpdatedAt } = row
  if (username === null || name === null || signature === null || !userCreatedAt || !userUpdatedAt) return undefined
  const times = { createdAt: userCreatedAt.toISOString(), updatedAt: userUpdatedAt.toISOString() }
  return { id, username, name, avatarKey, backgroundKey, signature, ...times }
}
