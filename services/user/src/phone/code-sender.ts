import { createHmac } from 'node:crypto'
import { appendFile, mkdir, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { PhoneCodePurpose } from '@fanone/contracts'

/** A code on its way to a phone. */
export interface CodeMessage {
  /** The same when it is sent again, so that a receiver sends it on once. */
  id: number
  number: string
  code: string
  purpose: PhoneCodePurpose
  expiresAt: Date
}

/** Hands a message over to whatever sends it; rejects where it has to be tried again. */
export type CodeSender = (message: CodeMessage) => Promise<void>

/** Beyond it the file is put aside, in the place of the one before. */
const MAX_FILE_BYTES = 1024 * 1024
const WEBHOOK_TIMEOUT_MS = 5_000

/** Writes codes to a file that only its owner may read, a JSON object a line: `npm run codes`. */
export function fileSender(file: string): CodeSender {
  return async ({ expiresAt, ...message }) => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    const { size } = await stat(file).catch(() => ({ size: 0 }))
    if (size > MAX_FILE_BYTES) await rename(file, `${file}.old`)
    await appendFile(file, `${JSON.stringify({ ...message, expiresAt })}\n`, { mode: 0o600 })
  }
}

/**
 * Posts codes to a service that sends them, as JSON, signed: `FanOne-Signature: t=<seconds
 * since 1970>,v1=<hex>`, an HMAC-SHA256 of `<t>.<body>` under the shared key.
 */
export function webhookSender({ url, key }: { url: string; key: string }): CodeSender {
  return async (message) => {
    const body = JSON.stringify({ ...message, id: String(message.id) })
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'fanone-signature': signatureOf(body, key) },
      redirect: 'error',
      signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`the webhook for codes answered ${response.status}`)
  }
}

function signatureOf(body: string, key: string): string {
  const seconds = Math.floor(Date.now() / 1_000)
  return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`
}
