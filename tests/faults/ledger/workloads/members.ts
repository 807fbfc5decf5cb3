import { api, type Member, newMember } from '../../../support/community.ts'
import { eventually } from '../../../support/stack.ts'

/** Half of what an access token lives. */
const renewAfterMs = 7 * 60_000

/** A user who stays logged in during a whole run. */
export interface Actor {
  id: number
  /** The API as this user; logs in again in good time. */
  api(): Promise<Member['api']>
  /** The token, for requests with special headers. */
  token(): Promise<string>
}

/** Registers users, a few at a time: password hashes need all cores, and long waits are refused. */
export async function newActors(prefix: string, count: number): Promise<Actor[]> {
  const actors: Actor[] = []
  while (actors.length < count) {
    const some = Math.min(4, count - actors.length)
    actors.push(...(await Promise.all(Array.from({ length: some }, () => newActor(prefix)))))
  }
  return actors
}

/** Registers a user; not checked, so it retries until it works. */
export async function newActor(prefix: string): Promise<Actor> {
  const member = await eventually(() => newMember(prefix), { timeoutMs: 60_000 })
  let token = member.tokens.accessToken
  let client = member.api
  let renewAt = Date.now() + renewAfterMs
  const renew = async () => {
    if (Date.now() <= renewAt) return
    const { tokens } = await api().sessions.logIn({ username: member.user.username, password: member.password })
    token = tokens.accessToken
    client = api(token)
    renewAt = Date.now() + renewAfterMs
  }
  return {
    id: member.user.id,
    async api() {
      await renew()
      return client
    },
    async token() {
      await renew()
      return token
    },
  }
}

/** People for several runs, which are registered once; each run takes the first of them. */
export class Crowd {
  readonly #prefix: string
  readonly #actors: Actor[] = []

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  async take(count: number): Promise<Actor[]> {
    this.#actors.push(...(await newActors(this.#prefix, count - this.#actors.length)))
    return this.#actors.slice(0, count)
  }
}
