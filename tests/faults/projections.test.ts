import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { newMember, publish } from '../support/community.ts'
import { eventually, healthy, kill9 } from '../support/stack.ts'

test('names and counters on pages are the last ones, whenever who keeps them is killed', async () => {
  const [author, writer, reader] = [await newMember('author'), await newMember('writer'), await newMember('reader')]
  const video = await publish(author)
  const comment = await writer.api.comments.create({ id: video.id, text: 'first' })
  await author.api.relations.follow({ id: writer.user.id })
  const shown = async () => {
    const [listed] = (await reader.api.comments.list({ id: video.id })).items
    const [followed] = (await reader.api.relations.listFollowing({ id: author.user.id })).items
    return { comment: listed?.author.name, counters: listed?.counters, followed: followed?.name }
  }
  const named = (name: string) => ({ comment: name, followed: name })
  expect(await shown()).toMatchObject(named(writer.user.name))
  for (let round = 1; round <= 3; round++) {
    const name = `Name ${round}`
    const killed = (
      round % 2 === 1 ? ['interaction', 'relation'] : ['interaction.sidecar', 'relation.sidecar']
    ) as string[]
    const [edited] = await Promise.all([
      writer.api.users.editMe({ name }),
      reader.api.comments.reply({ id: comment.id, text: name }),
    ])
    await reader.api.likes.comment[round % 2 === 1 ? 'put' : 'delete']({ id: comment.id })
    for (const part of killed) await kill9(part)
    for (const part of killed) await healthy(part)
    expect(edited.name).toBe(name)
    const counters = { likes: round % 2, comments: round }
    await eventually(async () => isDeepStrictEqual(await shown(), { ...named(name), counters }), { timeoutMs: 30_000 })
  }
})
