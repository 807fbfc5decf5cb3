import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { newMember } from '../support/community.ts'
import { apiUrl, home } from '../support/stack.ts'

// Row P16: what an upload costs beside a bare handler that streams the same bytes to the same disk
// and hashes them.
// node tests/load/uploads.ts [MiB] [rounds], on a stack that runs (FANONE_PORT_BASE, FANONE_HOME).

const [sizeArgument = '1024', roundsArgument = '3'] = process.argv.slice(2)
const MEBIBYTE = 1024 ** 2
const sizeBytes = Number(sizeArgument) * MEBIBYTE
const piece = randomBytes(MEBIBYTE)

async function* bytes(): AsyncGenerator<Buffer> {
  for (let sent = 0; sent < sizeBytes; sent += piece.length) yield piece
}

/** Sends the file and waits for the answer. @returns its status and headers */
async function send(method: string, url: string, headers: Record<string, string | number>, source = bytes()) {
  const request = httpRequest(url, { method, headers, agent: false })
  const answered = once(request, 'response')
  await pipeline(source, request)
  const [response] = (await answered) as [import('node:http').IncomingMessage]
  response.resume()
  await once(response, 'close')
  return { status: response.statusCode ?? 0, headers: response.headers }
}

/** Resident memory of a process now, in MiB. */
async function residentMiB(pid: number): Promise<number> {
  const pages = Number((await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1])
  return (pages * 4096) / MEBIBYTE
}

/** Runs work while looking at the memory of a process. @returns seconds, and MiB above the start */
async function watched(pid: number, work: () => Promise<unknown>): Promise<{ seconds: number; grownMiB: number }> {
  const before = await residentMiB(pid)
  let most = before
  const looking = setInterval(async () => {
    most = Math.max(most, await residentMiB(pid))
  }, 50)
  const startedAt = performance.now()
  await work()
  clearInterval(looking)
  return { seconds: (performance.now() - startedAt) / 1000, grownMiB: most - before }
}

async function startBare() {
  const path = join(home, 'data/bare-upload')
  const server = createServer(async (request, response) => {
    const hash = createHash('sha256')
    request.on('data', (chunk) => hash.update(chunk))
    await pipeline(request, createWriteStream(path, { flush: true, highWaterMark: MEBIBYTE }))
    response.end(hash.digest('hex'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    async stop() {
      server.close()
      await rm(path, { force: true })
    },
  }
}

const gatewayPid = Number(process.env.GATEWAY_PID)
const member = await newMember()
const authorization = `Bearer ${member.tokens.accessToken}`
const tus = { authorization, 'tus-resumable': '1.0.0' }

async function tusUpload(): Promise<string> {
  const begun = await send(
    'POST',
    `${apiUrl}/v1/uploads`,
    { ...tus, 'upload-length': sizeBytes, 'content-length': 0 },
    none(),
  )
  const url = new URL(begun.headers.location ?? '', apiUrl).href
  const type = 'application/offset+octet-stream'
  const headers = { ...tus, 'upload-offset': 0, 'content-type': type, 'content-length': sizeBytes }
  const { status } = await send('PATCH', url, headers)
  if (status !== 204) throw new Error(`tus answered ${status}`)
  return url
}

async function* none(): AsyncGenerator<Buffer> {}

/** No video, so that only the way of the bytes counts: the refusal comes after the last one. */
async function singleRequest(): Promise<void> {
  const head = Buffer.from(
    '--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nt\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n',
  )
  const tail = Buffer.from('\r\n--x--\r\n')
  const whole = async function* () {
    yield head
    yield* bytes()
    yield tail
  }
  const length = head.length + sizeBytes + tail.length
  const headers = { authorization, 'content-type': 'multipart/form-data; boundary=x', 'content-length': length }
  const { status } = await send('POST', `${apiUrl}/v1/videos`, headers, whole())
  if (status !== 422) throw new Error(`the single request answered ${status}`)
}

const bare = await startBare()
const rate = ({ seconds }: { seconds: number }) => sizeBytes / MEBIBYTE / seconds
console.log(`${sizeBytes / MEBIBYTE} MiB; MB/s, share of the bare handler, growth of the gateway in MiB`)
for (let round = 1; round <= Number(roundsArgument); round++) {
  const ofBare = await watched(process.pid, () => send('POST', bare.url, { 'content-length': sizeBytes }))
  let url = ''
  const ofTus = await watched(gatewayPid, async () => {
    url = await tusUpload()
  })
  await send('DELETE', url, { ...tus, 'content-length': 0 }, none())
  const ofSingle = await watched(gatewayPid, singleRequest)
  const show = (name: string, one: { seconds: number; grownMiB: number }) =>
    `${name} ${rate(one).toFixed(0)} (${(rate(one) / rate(ofBare)).toFixed(2)}, +${one.grownMiB.toFixed(0)})`
  console.log(
    [`round ${round}:`, show('bare', ofBare), show('tus', ofTus), show('single request', ofSingle)].join('  '),
  )
}
await bare.stop()
