import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { makeClip } from '../../services/video/src/testing/clips.ts'
import { newMember } from '../support/community.ts'
import { send } from '../support/http.ts'
import { apiUrl, eventually, portBase } from '../support/stack.ts'
import { percentile, runOpenLoop } from './open-loop.ts'

// How much slower the feed is beside 8 uploads, beside 20 queued media jobs, and beside both; jobs
// have to give way. On a stack that runs (FANONE_PORT_BASE, FANONE_HOME):
// node tests/load/feed-beside-media.ts [seconds] [requests a second]

const UPLOADS = 8
const JOBS = 20
const MEBIBYTE = 1024 ** 2
const [first = '20', rateArgument = '20', uploadToken] = process.argv.slice(2)
const member = uploadToken === undefined ? await newMember('load') : undefined
const token = uploadToken ?? member?.tokens.accessToken ?? ''

/** Sends files of 64 MiB by tus, one after the other, and ends each. */
async function keepUploading(): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'tus-resumable': '1.0.0' }
  const body = new Uint8Array(64 * MEBIBYTE)
  while (true) {
    const length = { 'upload-length': String(body.length) }
    const begun = await fetch(`${apiUrl}/v1/uploads`, { method: 'POST', headers: { ...headers, ...length } })
    const url = new URL(begun.headers.get('location') ?? '', apiUrl)
    const piece = { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }
    await fetch(url, { method: 'PATCH', headers: { ...headers, ...piece }, body })
    await fetch(url, { method: 'DELETE', headers })
  }
}

/** Uploads from a process of its own, so that what measures has its time. */
function startUploads(): () => void {
  const clients = spawn(process.execPath, [import.meta.filename, 'upload', '-', token], { stdio: 'inherit' })
  return () => void clients.kill('SIGKILL')
}

/** @returns the ids of videos whose jobs wait */
async function queueJobs(): Promise<number[]> {
  const path = join(tmpdir(), `fanone-load-${process.pid}.mkv`)
  const clip = await readFile(await makeClip(path, { size: '1280x720', seconds: 20, audio: 'ac3' }))
  await rm(path)
  const ids: number[] = []
  for (let job = 0; job < JOBS; job++) {
    const body = new FormData()
    body.append('title', `job ${job}`)
    body.append('file', new Blob([Uint8Array.from(clip)]), 'clip.mkv')
    const { json } = await send('POST', '/v1/videos', { token, body })
    ids.push((json as { id: number }).id)
  }
  return ids
}

const isWaiting = async (id: number) =>
  ((await send('GET', `/v1/videos/${id}`)).json as { state: string }).state === 'processing'

async function measure(what: string): Promise<number> {
  const result = await runOpenLoop({
    ratePerSecond: Number(rateArgument),
    durationMs: Number(first) * 1000,
    send: async () => String((await send('GET', '/v1/feeds/newest?limit=30', { token })).status),
  })
  const latencies = result.latenciesMs.get('200') ?? []
  const at = (share: number) => percentile(latencies, share)
  console.log(`${what}: p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, ${JSON.stringify(result.tally())}`)
  return at(0.99)
}

async function compare(): Promise<void> {
  console.log(`feed of 30 with a token, ${rateArgument}/s for ${first} s each, ports from ${portBase}`)
  await measure('warming up')
  const alone = await measure('alone')
  const stopUploads = startUploads()
  await delay(2_000)
  const besideUploads = await measure(`beside ${UPLOADS} uploads`)
  stopUploads()
  const ids = await queueJobs()
  const besideJobs = await measure(`beside ${JOBS} jobs`)
  const stopAgain = startUploads()
  await delay(2_000)
  const besideBoth = await measure('beside both')
  stopAgain()
  const waiting = (await Promise.all(ids.map(isWaiting))).filter(Boolean).length
  const ratios = [besideUploads, besideJobs, besideBoth].map((p99) => (p99 / alone).toFixed(2))
  console.log(
    `p99 against alone: uploads ${ratios[0]}, jobs ${ratios[1]}, both ${ratios[2]}; ${waiting} jobs waited to the end`,
  )
  for (const id of ids) await eventually(() => send('DELETE', `/v1/videos/${id}`, { token }))
}

if (uploadToken === undefined) await compare()
else await Promise.all(Array.from({ length: UPLOADS }, keepUploading))
