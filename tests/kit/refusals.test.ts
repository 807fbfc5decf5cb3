import { expect, test } from 'vitest'
import { api, newMember, randomName } from '../support/community.ts'

test('many refusals in a row close an operation to nobody', async () => {
  const member = await newMember()
  for (let attempt = 0; attempt < 30; attempt++) {
    const wrong = api().sessions.logIn({ username: randomName('nobody'), password: 'not this one' })
    await expect(wrong).rejects.toMatchObject({ code: 'wrong_credentials', status: 401 })
  }
  const session = await api().sessions.logIn({ username: member.user.username, password: member.password })
  expect(session.user.id).toBe(member.user.id)
})
