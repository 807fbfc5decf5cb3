import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetchImageSearch } from '../../scripts/setup/image-search.ts'
import { readSettings } from '../../scripts/stack/settings.ts'
import { freePort } from '../support/beside.ts'

export type OwnMilvus = Awaited<ReturnType<typeof startMilvus>>

/** A Milvus Lite of a test's own, to be killed and frozen while others use that of the stack. */
export async function startMilvus() {
  const { milvusPython } = await fetchImageSearch(readSettings().cache)
  const folder = await mkdtemp(join(tmpdir(), 'fanone-milvus-'))
  const port = await freePort()
  const args = ['-m', 'milvus_lite', 'server', '--host', '127.0.0.1', '--port', String(port), '--data-dir', folder]
  let server: ChildProcess
  const start = () => {
    server = spawn(milvusPython, args, { stdio: 'ignore' })
  }
  const kill = async () => {
    const ended = once(server, 'exit')
    server.kill('SIGKILL')
    await ended
  }
  start()
  return {
    address: `127.0.0.1:${port}`,
    /** Runs it again after `kill`. */
    start,
    kill,
    /** As after the loss of its disk; it must have been killed. */
    wipe: () => rm(folder, { recursive: true, force: true }).then(() => undefined),
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
    async close(): Promise<void> {
      if (server.exitCode === null && server.signalCode === null) await kill()
      await rm(folder, { recursive: true, force: true })
    },
    /** The Python that it runs in, which has the `onnx` package. */
    python: milvusPython,
  }
}
