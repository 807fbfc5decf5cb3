import { request, signIn } from './client.ts'
import { type DemoComment, demoComments, demoFollows, demoLikes, demoUsers } from './community.ts'

/** A demo user who is logged in. */
interface Guest {
  id: number
  token: string
}

/**
 * Lets the demo users follow, watch, like and comment. Can be repeated after it was interrupted: it
 * says nothing twice. Clips that are gone are passed over.
 */
export async function introduce(
  options: { apiUrl: string; log: (line: string) => void },
  users: Readonly<Record<string, { password: string }>>,
): Promise<void> {
  const { apiUrl } = options
  const guests = new Map<string, Guest>()
  const clips = new Map<string, number>()
  for (const { username } of demoUsers) {
    const token = await signIn(apiUrl, { username, password: users[username]?.password ?? '' })
    const { id } = await request(apiUrl, 'GET', '/v1/users/me', { token })
    guests.set(username, { id, token })
    const { items } = await request(apiUrl, 'GET', `/v1/users/${id}/videos?limit=100`, { token })
    for (const video of items) clips.set(video.title, video.id)
  }
  const guest = (username: string) => guests.get(username) as Guest

  for (const [follower, followed] of demoFollows)
    await request(apiUrl, 'PUT', `/v1/users/me/following/${guest(followed).id}`, { token: guest(follower).token })
  for (const [username, titles] of Object.entries(demoLikes))
    for (const title of titles.filter((one) => clips.has(one))) {
      const path = `/v1/videos/${clips.get(title)}`
      await request(apiUrl, 'POST', `${path}/visits`, { token: guest(username).token })
      await request(apiUrl, 'PUT', `${path}/like`, { token: guest(username).token })
    }
  for (const comment of demoComments) {
    const videoId = clips.get(comment.on)
    if (videoId !== undefined) await write(apiUrl, videoId, comment, guest)
  }
  options.log('they followed, liked and commented')
}

async function write(
  apiUrl: string,
  videoId: number,
  { by, text, reply }: DemoComment,
  guest: (username: string) => Guest,
): Promise<void> {
  const say = async (path: string, author: Guest, words: string) => {
    const { items } = await request(apiUrl, 'GET', `${path}?limit=100`, { token: author.token })
    const said = items.find(
      (one: { text: string; author: { id: number } }) => one.text === words && one.author.id === author.id,
    )
    return said ?? (await request(apiUrl, 'POST', path, { token: author.token, json: { text: words } }))
  }
  const { id } = await say(`/v1/videos/${videoId}/comments`, guest(by), text)
  if (reply) await say(`/v1/comments/${id}/replies`, guest(reply.by), reply.text)
}
