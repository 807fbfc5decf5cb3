import { api, type Member, newMember, pairOf } from './community.ts'
import { cli } from './stack.ts'

/** Somebody with an operator's token. */
export async function newOperator(): Promise<Member> {
  const member = await newMember('operator')
  const { exitCode, all } = await cli('operator', 'grant', member.user.username)
  if (exitCode !== 0) throw new Error(`nobody could be made an operator: ${all}`)
  const { username } = member.user
  const { tokens } = await api().sessions.logIn({ username, password: member.password })
  return { ...member, tokens: pairOf(tokens), api: api(tokens.accessToken) }
}
