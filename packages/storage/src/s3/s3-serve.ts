import { pipeline } from 'node:stream/promises'
import { GetObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { Request, RequestHandler, Response } from 'express'
import parseRange from 'range-parser'
import { isStorageKey } from '../keys.ts'
import { publicKey } from '../layout.ts'
import type { ByteRange } from '../storage.ts'
import { contentTypeOf } from './content-type.ts'
import type { S3Objects } from './s3-objects.ts'

const ONE_YEAR_SECONDS = 31_536_000

/**
 * An Express handler over the public objects of a bucket, which never change. It passes their bytes
 * on, or sends clients to the store.
 *
 * @param presignSeconds how long the address of an object in the store is good; 0 passes bytes on
 */
export function serveObjects(objects: S3Objects, presignSeconds: number): RequestHandler {
  return async (request, response, next) => {
    const key = request.path.slice(1)
    if (!['GET', 'HEAD'].includes(request.method) || !isStorageKey(key)) return next()
    const name = publicKey(key)
    const head = await objects.head(name)
    if (!head) return next()
    if (presignSeconds > 0) return await redirect(objects, name, response, presignSeconds)
    await send(objects, { name, head }, request, response)
  }
}

/** The address is kept by nobody for longer than it is good. */
async function redirect(objects: S3Objects, name: string, response: Response, seconds: number): Promise<void> {
  const command = new GetObjectCommand(objects.at(name))
  const url = await getSignedUrl(objects.client, command, { expiresIn: seconds })
  response.set('Cache-Control', `private, max-age=${Math.floor(seconds / 2)}`).redirect(302, url)
}

async function send(
  objects: S3Objects,
  { name, head }: { name: string; head: HeadObjectCommandOutput },
  request: Request,
  response: Response,
): Promise<void> {
  const { ContentLength: size = 0, ETag = '', LastModified = new Date(0) } = head
  response.set({
    'Accept-Ranges': 'bytes',
    'Content-Type': contentTypeOf(name),
    'X-Content-Type-Options': 'nosniff',
    ETag,
    'Last-Modified': LastModified.toUTCString(),
  })
  const refusal = judge(request, { ETag, LastModified, size })
  if (refusal === 412) return void response.status(412).end()
  response.set('Cache-Control', `public, max-age=${ONE_YEAR_SECONDS}, immutable`)
  if (request.fresh) return void response.status(304).end()
  if (refusal === 416) {
    response.removeHeader('Cache-Control')
    return void response.status(416).set('Content-Range', `bytes */${size}`).end()
  }
  const range = rangeOf(request, { ETag, LastModified, size })
  const length = range ? range.lastByte - range.firstByte + 1 : size
  response.status(range ? 206 : 200).set('Content-Length', String(length))
  if (range) response.set('Content-Range', `bytes ${range.firstByte}-${range.lastByte}/${size}`)
  if (request.method === 'HEAD' || length === 0) return void response.end()
  const { body } = await objects.read(name, range)
  // A client that leaves is nobody's fault.
  await pipeline(body, response).catch(() => response.destroy())
}

interface Facts {
  ETag: string
  LastModified: Date
  size: number
}

/** What conditions and ranges that cannot be met are answered with (RFC 9110, 13.2.2 and 14.4). */
function judge(request: Request, facts: Facts): 412 | 416 | undefined {
  const { 'if-match': match, 'if-unmodified-since': since } = request.headers
  const tags = match?.split(',').map((tag) => tag.trim())
  if (tags && !tags.includes('*') && !tags.includes(facts.ETag)) return 412
  if (!tags && since && Date.parse(since) < seconds(facts.LastModified)) return 412
  return askedRange(request, facts) === -1 ? 416 : undefined
}

function rangeOf(request: Request, facts: Facts): Required<ByteRange> | undefined {
  const ranges = askedRange(request, facts)
  const [only, ...others] = typeof ranges === 'number' || ranges === undefined ? [] : ranges
  // Several parts are answered with the whole, which is allowed (RFC 9110, 14.2).
  return only && others.length === 0 ? { firstByte: only.start, lastByte: only.end } : undefined
}

/** -1: cannot be met; -2 or undefined: there is none that counts. */
function askedRange(request: Request, { ETag, LastModified, size }: Facts) {
  const { range } = request.headers
  const condition = request.get('if-range')
  if (range === undefined || !/^bytes=/i.test(range)) return undefined
  const isCurrent = condition?.startsWith('"')
    ? condition === ETag
    : condition === undefined || Date.parse(condition) >= seconds(LastModified)
  if (!isCurrent) return undefined
  // A suffix longer than the object means all of it (RFC 9110, 14.1.2); range-parser refuses it.
  const suffix = /^bytes=-0*([1-9]\d*)$/.exec(range)?.[1]
  if (suffix !== undefined && Number(suffix) >= size && size > 0) return undefined
  return parseRange(size, range, { combine: true })
}

const seconds = (date: Date) => Math.floor(date.getTime() / 1_000) * 1_000
