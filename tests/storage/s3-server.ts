import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildVersitygw } from '../../scripts/setup/versitygw.ts'
import { readSettings } from '../../scripts/stack/settings.ts'

/** An S3 server on a folder of its own. */
export async function startS3Server() {
  const program = await buildVersitygw(readSettings().cache)
  const folder = await mkdtemp(join(tmpdir(), 'fanone-s3-'))
  const store = join(folder, 'store')
  await mkdir(store)
  const port = await freePort()
  const [accessKeyId, secretAccessKey] = [randomBytes(8).toString('hex'), randomBytes(16).toString('hex')]
  const env = { PATH: process.env.PATH, ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey }
  const endpoint = `http://127.0.0.1:${port}`
  const start = async () => {
    const args = ['--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive', 'posix', store]
    const child = spawn(program, args, { env, stdio: 'ignore' })
    for (let isUp = false; !isUp; ) {
      if (child.exitCode !== null) throw new Error(`versitygw ended with ${child.exitCode}`)
      isUp = await fetch(endpoint).then(
        () => true,
        () => false,
      )
    }
    return child
  }
  let child = await start()
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  let buckets = 0
  return {
    /** How to reach a bucket that nobody else uses. */
    newBucket: () => {
      buckets += 1
      const bucket = `bucket-${buckets}`
      const workFolder = join(folder, 'work', bucket)
      return { endpoint, region: 'us-east-1', bucket, accessKeyId, secretAccessKey, workFolder, presignSeconds: 0 }
    },
    /** Ends it as a crash does; what it kept stays. */
    kill: () => end('SIGKILL'),
    async startAgain() {
      child = await start()
    },
    async stop() {
      await end('SIGTERM')
      await rm(folder, { recursive: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
