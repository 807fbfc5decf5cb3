import { beforeAll, expect, test } from 'vitest'
import { type Member, newMember } from '../support/community.ts'
import { goodParameters } from '../support/hostile/drafts.ts'
import { goodValuesFor } from '../support/hostile/good-values.ts'
import { sendDraft } from '../support/hostile/wire.ts'
import { expectProblem } from '../support/http.ts'
import { type PublicRoute, publicRoutes } from '../support/public-routes.ts'
import { resigned } from '../support/tokens.ts'

const isOfOperators = ({ path }: PublicRoute) => path.startsWith('/v1/ops/')
const routes = publicRoutes.filter(isOfOperators)

let member: Member
beforeAll(async () => {
  member = await newMember('no-operator')
})

test('what is under /v1/ops is for operators, and nothing else is', () => {
  expect(routes.length).toBeGreaterThan(0)
  for (const route of publicRoutes) {
    const { path, access } = route
    expect({ path, isForOperators: access === 'operator' }).toEqual({ path, isForOperators: isOfOperators(route) })
  }
})

test.each(routes)('$method $path refuses whoever is no operator', async (route) => {
  const subjects = { userId: member.user.id, videoId: 1, commentId: 1, sessionId: '', passkeyId: 1 }
  const draft = { what: '', route, parameters: goodParameters(route, goodValuesFor(route, subjects)) }
  const role = (accessToken: string) => ({ name: '', member: { ...member, tokens: { ...member.tokens, accessToken } } })
  expectProblem(await sendDraft(draft, { name: 'nobody', member: undefined }), 401, 'unauthenticated')
  expectProblem(await sendDraft(draft, role(member.tokens.accessToken)), 403, 'forbidden')
  for (const odd of ['admin', 'Operator', 'operator ', '', ['operator'], { operator: true }, true, null])
    expectProblem(
      await sendDraft(draft, role(await resigned(member.tokens.accessToken, { claims: { role: odd } }))),
      403,
      'forbidden',
    )
})
