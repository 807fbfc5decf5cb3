import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, expect, test } from 'vitest'
import { fetchSchemathesis } from '../../scripts/setup/schemathesis.ts'
import { readSettings } from '../../scripts/stack/settings.ts'
import { newMember, publish } from '../support/community.ts'
import { isFull, seed } from '../support/sampling.ts'
import { apiUrl } from '../support/stack.ts'

const folder = join(import.meta.dirname, 'schemathesis')
const EXAMPLES = isFull ? 200 : 4
const MINUTE_MS = 60_000

let python: string
beforeAll(async () => {
  python = await fetchSchemathesis(readSettings().cache)
})

/** Who asks, as headers and as what hooks.py knows of them. */
const roles: [name: string, make: () => Promise<Record<string, string>>][] = [
  ['nobody', async () => ({})],
  [
    'the owner',
    async () => {
      const owner = await newMember('owner')
      return { FANONE_TOKEN: owner.tokens.accessToken, FANONE_OWN_VIDEO: String((await publish(owner)).id) }
    },
  ],
  [
    'another user',
    async () => {
      const video = await publish(await newMember('owner'))
      return { FANONE_TOKEN: (await newMember('other')).tokens.accessToken, FANONE_OWN_VIDEO: String(video.id) }
    },
  ],
]

test.each(isFull ? roles : roles.slice(0, 2))(
  '%s finds no answer that /openapi.json does not describe, and no error of ours',
  async (_name, make) => {
    const role = await make()
    const bearer = role.FANONE_TOKEN ? ['--header', `Authorization: Bearer ${role.FANONE_TOKEN}`] : []
    // It would end the session of everything behind it.
    const without = role.FANONE_TOKEN ? ['--exclude-path', '/v1/sessions/current'] : []
    const work = await mkdtemp(join(tmpdir(), 'fanone-schemathesis-'))
    const options = ['--max-examples', String(EXAMPLES), '--seed', String(seed), '--continue-on-failure', '--no-color']
    // Every kind of request for who is logged in; what is refused without a token needs fewer.
    const phases = isFull || role.FANONE_TOKEN ? 'coverage,fuzzing,stateful' : 'fuzzing'
    const run = ['--config-file', join(folder, 'schemathesis.toml'), 'run', `${apiUrl}/openapi.json`]
    const { all, exitCode } = await execa(
      python,
      ['-m', 'schemathesis.cli', ...run, ...options, '--warnings', 'off', '--phases', phases, ...without, ...bearer],
      // Hypothesis keeps what it found beside where it runs.
      {
        cwd: work,
        env: { ...role, PYTHONDONTWRITEBYTECODE: '1', SCHEMATHESIS_HOOKS: join(folder, 'hooks.py') },
        all: true,
        reject: false,
      },
    )
    await rm(work, { recursive: true, force: true })
    expect(exitCode, `TEST_SEED=${seed}\n${all}`).toBe(0)
  },
  isFull ? 120 * MINUTE_MS : 10 * MINUTE_MS,
)
