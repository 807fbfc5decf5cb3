import { randomBytes } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { execa } from 'execa'
import { request, signIn } from './client.ts'
import { type DemoClip, demoClips, demoUsers } from './community.ts'
import { introduce } from './introduce.ts'

export interface SeedOptions {
  /** Public API, for example `http://127.0.0.1:8080`. */
  apiUrl: string
  /** Folder of this installation; remembers what was seeded. */
  home: string
  log: (line: string) => void
}

/** What earlier runs made. */
interface SeedRecord {
  /** Passwords of the demo users, and which clips each has published. */
  users: Record<string, { password: string; published: string[] }>
  /** Whether they have followed, liked and commented. */
  isIntroduced?: boolean
}

/**
 * Fills an empty community with a few people and clips through the public API. Can be repeated: it
 * continues where it stopped and adds nothing twice.
 *
 * @throws Error with the API's message when it refuses something
 */
export async function seedDemo(options: SeedOptions): Promise<void> {
  const recordFile = join(options.home, 'data/demo.json')
  const record = await readRecord(recordFile)
  const save = async () => {
    await mkdir(join(options.home, 'data'), { recursive: true })
    await writeFile(recordFile, JSON.stringify(record, null, 2), { mode: 0o600 })
  }
  const folder = await mkdtemp(join(tmpdir(), 'fanone-demo-'))
  try {
    for (const user of demoUsers) {
      record.users[user.username] ??= { password: randomBytes(12).toString('base64url'), published: [] }
      const known = record.users[user.username] as SeedRecord['users'][string]
      // The password is kept before it is used: a run that ends here can log in the next time.
      await save()
      const missing = demoClips.filter((clip) => clip.by === user.username && !known.published.includes(clip.title))
      if (missing.length === 0) continue
      const token = await signIn(options.apiUrl, { username: user.username, password: known.password })
      await request(options.apiUrl, 'PATCH', '/v1/users/me', {
        token,
        json: { name: user.name, signature: user.signature },
      })
      const already = await publishedTitles(options.apiUrl, token)
      for (const clip of missing) {
        if (!already.has(clip.title)) await publish(options, token, clip, folder)
        known.published.push(clip.title)
        await save()
      }
    }
    if (!record.isIntroduced) {
      await introduce(options, record.users)
      record.isIntroduced = true
      await save()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function readRecord(file: string): Promise<SeedRecord> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as SeedRecord
  } catch {
    return { users: {} }
  }
}

/** A run that was killed after a publish and before it was noted must not publish again. */
async function publishedTitles(apiUrl: string, token: string): Promise<Set<string>> {
  const me = await request(apiUrl, 'GET', '/v1/users/me', { token })
  const videos = await request(apiUrl, 'GET', `/v1/users/${me.id}/videos?limit=100`, { token })
  return new Set(videos.items.map((video: { title: string }) => video.title))
}

async function publish(options: SeedOptions, token: string, clip: DemoClip, folder: string): Promise<void> {
  const file = join(folder, `${clip.slug}.mp4`)
  await makeClip(clip, file)
  const form = new FormData()
  form.set('title', clip.title)
  form.set('description', clip.description)
  form.set('file', await openAsBlob(file, { type: 'video/mp4' }), basename(file))
  await request(options.apiUrl, 'POST', '/v1/videos', { token, form })
  options.log(`${clip.by} published "${clip.title}"`)
}

/** Draws a clip of a few seconds with a test pattern of ffmpeg, no two alike, and a quiet tone. */
export async function makeClip(
  clip: Pick<DemoClip, 'picture' | 'isUpright' | 'seconds' | 'toneHz'>,
  file: string,
): Promise<void> {
  const separator = clip.picture.includes('=') ? ':' : '='
  const size = clip.isUpright ? '360x640' : '640x360'
  const video = ['-f', 'lavfi', '-i', `${clip.picture}${separator}size=${size}:rate=24`]
  const audio = ['-f', 'lavfi', '-i', `sine=frequency=${clip.toneHz}:sample_rate=44100`]
  const codecs = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-pix_fmt',
    'yuv420p',
    '-c:a',
    'aac',
    '-movflags',
    '+faststart',
  ]
  await execa('ffmpeg', [
    '-v',
    'error',
    '-y',
    ...video,
    ...audio,
    '-t',
    String(clip.seconds),
    '-af',
    'volume=0.1',
    ...codecs,
    file,
  ])
}
