import { execFileSync } from 'node:child_process'

/** The commit of a checkout, with `-dirty` behind it where files differ; `unknown` without git. */
export function releaseOf(checkout: string): string {
  try {
    const args = ['-C', checkout, 'describe', '--always', '--dirty', '--abbrev=12']
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return 'unknown'
  }
}
