import { MAX_PARTS, UploadId } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import { Metadata } from '@tus/utils'
import type { Request, RequestHandler } from 'express'
import { hashNames, isHash } from './checked-source.ts'

export const TUS_VERSION = '1.0.0'
const EXTENSIONS = ['creation', 'creation-with-upload', 'checksum', 'expiration', 'termination', 'concatenation']
const MAX_METADATA_LENGTH = 4096
const CONTENT_TYPE = 'application/offset+octet-stream'

/** Says what is spoken here, in every answer; OPTIONS asks for no more. */
export function tusHeaders(maxBytes: number): RequestHandler {
  return (request, response, next) => {
    response.setHeader('Tus-Resumable', TUS_VERSION)
    response.setHeader('Tus-Version', TUS_VERSION)
    if (request.method === 'OPTIONS') {
      response.setHeader('Tus-Extension', EXTENSIONS.join(','))
      response.setHeader('Tus-Checksum-Algorithm', hashNames.join(','))
      response.setHeader('Tus-Max-Size', String(maxBytes))
    }
    next()
  }
}

/** What @tus/server does not check, or answers with another status than the protocol says. */
export function checkTusRequest(request: Request): void {
  if (request.get('Tus-Resumable') !== TUS_VERSION) throw new ServiceError('tus_version_not_supported')
  const isAppend = request.method === 'PATCH'
  const type = request.get('Content-Type')
  if (isAppend && type !== CONTENT_TYPE) throw new ServiceError('unsupported_media_type')
  if (isAppend && request.get('Upload-Offset') === undefined) throw invalid('Upload-Offset is missing')
  const { length = 0 } = request.get('Upload-Metadata') ?? ''
  if (length > MAX_METADATA_LENGTH) throw invalid(`Upload-Metadata has at most ${MAX_METADATA_LENGTH} characters`)
  const checksum = request.get('Upload-Checksum')
  if (checksum !== undefined && !isHash(checksum))
    throw invalid(`Upload-Checksum must be one of ${hashNames}, and Base64`)
}

/** What is put together, by the header that says so: paths or addresses of parts. */
export function readFinal(request: Request, concat: string) {
  if (request.get('Upload-Length') !== undefined) throw invalid('A final upload has the length of its parts')
  const metadata = request.get('Upload-Metadata') ?? ''
  const partIds = concat
    .slice('final;'.length)
    .trim()
    .split(/ +/)
    .map((path) => path.split('/').at(-1) ?? '')
  if (partIds.length > MAX_PARTS) throw invalid(`A final upload has at most ${MAX_PARTS} parts`)
  if (!partIds.every((id) => UploadId.safeParse(id).success)) throw new ServiceError('upload_not_found')
  try {
    return { partIds, metadata, sha256: wholeSha256(metadata ? Metadata.parse(metadata) : undefined) }
  } catch (error) {
    throw error instanceof ServiceError ? error : invalid('Upload-Metadata cannot be read')
  }
}

const invalid = (detail: string) => new ServiceError('invalid_input', { detail })

/** The checksum that the whole file must have by its metadata; empty for none. */
export function wholeSha256(metadata: Record<string, string | null> | undefined): string {
  const sha256 = metadata?.sha256 ?? ''
  if (!/^([0-9a-f]{64})?$/.test(sha256)) throw invalid('sha256 must be hex')
  return sha256
}
