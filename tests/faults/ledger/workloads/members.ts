import { api, type Member, newMember } from '../../../support/community.ts'
import { eventually } from '../../../support/stack.ts'

/** Half of what an access token lives. */
const renewAfterMs = 7 * 60_000

/** Somebody who stays logged in however long a run lasts. */
export interface Actor {
  id: number
  /** The API as this user; logs in again in good time. */
  api(): Promise<Member['api']>
}

/** Registers somebody; not a part of what is checked, so it waits until it works. */
export async function newActor(prefix: string): Promise<Actor> {
  const member = await eventually(() => newMember(prefix), { timeoutMs: 60_000 })
  let client = member.api
  let renewAt = Date.now() + renewAfterMs
  return {
    id: member.user.id,
    async api() {
      if (Date.now() > renewAt) {
        const { tokens } = await api().sessions.logIn({ username: member.user.username, password: member.password })
        client = api(tokens.accessToken)
        renewAt = Date.now() + renewAfterMs
      }
      return client
    },
  }
}
