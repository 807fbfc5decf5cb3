import type { AccountDetails } from '@fanone/contracts'
import type { Settings } from '../stack/settings.ts'
import { withOwnClient } from './own-client.ts'

const USAGE = 'npm run operator -- grant <username> | revoke <username> | list'

/** `npm run operator`: says who may act as an operator. Only who can start this can say so. */
export async function operator(settings: Settings, [verb, username, ...more]: string[]): Promise<number> {
  const isList = verb === 'list' && username === undefined
  const isChange = (verb === 'grant' || verb === 'revoke') && username !== undefined && more.length === 0
  if (!isList && !isChange) {
    console.error(USAGE)
    return 2
  }
  return withOwnClient(settings, 'user', async ({ operators }) => {
    if (isList) {
      for (const account of (await operators.list({})).items) console.log(describe(account))
      return 0
    }
    const change = verb === 'grant' ? operators.grant : operators.revoke
    console.log(describe(await change({ username: String(username) })))
    return 0
  })
}

const describe = ({ id, username, role }: AccountDetails) =>
  `${username} (${id}) ${role === 'operator' ? 'is an operator, from the next log-in or refresh on' : 'is no operator; all their sessions have ended'}`
