import { isUtf8 } from 'node:buffer'
import querystring from 'node:querystring'
import { ServiceError } from '@fanone/service-kit'
import type { Request } from 'express'
import multer from 'multer'

// busboy 1.6 loses texts in all charsets but UTF-8 and ISO-8859-1 (its decoder never sees the
// charset, mscdex/busboy#380), skips a part whose `filename*` it cannot read, and puts U+FFFD where
// bytes mean nothing. So it gets headers that keep it from decoding.

/** The headers of a part by lower-case name, each with its values. */
type Headers = Record<string, string[] | undefined>

/** What is used of busboy beyond its interface. */
interface Parser extends NodeJS.WritableStream {
  /** Set while the headers of a part are read. */
  _hparser: { cb: (headers: Headers) => void } | null
}

/** For text fields: the bytes arrive as text of one character each. */
const AS_BYTES = 'text/plain; charset=latin1'

/** Passes a multipart request to busboy. */
function readParts(request: Request, stream: NodeJS.WritableStream): void {
  const parser = stream as Parser
  let charset: string | undefined
  interceptHeaders(parser, (headers) => {
    charset = charsetOf(headers)
    return readableHeaders(headers)
  })
  const emit = parser.emit.bind(parser)
  parser.emit = (event: string, ...values: unknown[]) => {
    if (event !== 'field' || values[0] === undefined) return emit(event, ...values)
    const [name, bytes, info] = values as [string, string, unknown]
    try {
      return emit(event, name, decodeText(Buffer.from(bytes, 'latin1'), charset), info)
    } catch (error) {
      return emit('error', refusal(name, (error as Error).message))
    }
  }
  request.pipe(parser)
}

function interceptHeaders(parser: Parser, change: (headers: Headers) => Headers): void {
  let current: Parser['_hparser'] = null
  let isChanged = false
  Object.defineProperty(parser, '_hparser', {
    get: () => current,
    set: (headerParser: Parser['_hparser']) => {
      current = headerParser
      if (headerParser === null || isChanged) return
      // One and the same for all parts.
      isChanged = true
      const read = headerParser.cb
      headerParser.cb = (headers) => read(change(headers))
    },
  })
}

function charsetOf(headers: Headers): string | undefined {
  return /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]*))/i
    .exec(headers['content-type']?.[0] ?? '')
    ?.slice(1)
    .find(Boolean)
}

/** @throws Error that says what is wrong with the bytes */
function decodeText(bytes: Buffer, charset = 'UTF-8'): string {
  let decoder: InstanceType<typeof TextDecoder>
  try {
    decoder = new TextDecoder(charset, { fatal: true })
  } catch {
    throw new Error(`must be in a charset that is known here, not in ${charset.slice(0, 50)}`)
  }
  try {
    return decoder.decode(bytes)
  } catch {
    throw new Error(`must be ${charset} text`)
  }
}

function readableHeaders(headers: Headers): Headers {
  const disposition = readableDisposition(headers['content-disposition']?.[0] ?? '')
  const isFile = /;\s*filename\s*=/i.test(disposition) || isBinary(headers)
  return {
    ...headers,
    'content-disposition': [disposition],
    ...(isFile ? {} : { 'content-type': [AS_BYTES] }),
  }
}

/** Parts of this type are files for busboy, with a name or without. */
const isBinary = (headers: Headers) => /^application\/octet-stream\b/i.test(headers['content-type']?.[0] ?? '')

const PARAMETER = /;\s*([^\s=;]+)\s*=\s*("(?:\\.|[^"\\])*"|[^;]*)/g

/**
 * `filename` instead of `filename*`: nothing here depends on the name of a file, but there must be
 * one where there was one.
 */
function readableDisposition(disposition: string): string {
  const names = [...disposition.matchAll(PARAMETER)].map(([, name = '']) => name.toLowerCase())
  if (!names.includes('filename*')) return disposition
  const name = names.includes('filename') ? '' : '; filename="file"'
  return (
    disposition.replaceAll(PARAMETER, (parameter, key: string) => (/^filename\*$/i.test(key) ? '' : parameter)) + name
  )
}

/**
 * A form parser as multer makes them.
 *
 * @param onRefused told of a text that is refused at once; multer itself tells after the client has
 *   sent everything
 */
export function formParser(options: multer.Options, onRefused: (error: Error) => void = () => {}): multer.Multer {
  const streamHandler = (request: Request, parser: NodeJS.WritableStream) => {
    parser.once('error', onRefused)
    readParts(request, parser)
  }
  return multer({ ...options, streamHandler, defParamCharset: 'utf8' } as multer.Options)
}

/** Refuses parameters in a query that are no UTF-8. @throws ServiceError `invalid_input` */
export function checkQuery(request: Pick<Request, 'originalUrl'>): void {
  checkParameters(Buffer.from(request.originalUrl.split('?')[1] ?? '', 'latin1'))
}

/**
 * Refuses an urlencoded form, or a query, that is no UTF-8. @throws ServiceError `invalid_input`
 */
export function checkParameters(bytes: Buffer): void {
  if (!isUtf8(unescapeBuffer(bytes.toString('latin1')))) throw notUtf8('parameters')
}

/** @throws ServiceError `invalid_input` */
export function checkJson(bytes: Buffer, charset: string): void {
  if (charset === 'utf-8' && !isUtf8(bytes)) throw notUtf8('body')
}

/** Public in Node, but unknown to its types. */
const { unescapeBuffer } = querystring as unknown as { unescapeBuffer: (text: string) => Buffer }

const notUtf8 = (what: string) => new ServiceError('invalid_input', { detail: `The ${what} must be UTF-8 text` })

const refusal = (path: string, message: string, cause?: unknown) =>
  new ServiceError('invalid_input', { detail: `${path}: ${message}`, issues: [{ path, message }], cause })

/**
 * What is wrong with a form, from what multer or busboy threw; undefined where it is not the form.
 *
 * @param fileField where the file belongs; undefined where none is taken
 */
export function toFormError(error: unknown, fileField?: string): ServiceError | undefined {
  if (error instanceof ServiceError) return error
  if (error instanceof multer.MulterError) return toRefusal(error, fileField)
  const isMalformed =
    error instanceof Error && /multipart|boundary|malformed|unexpected end of form/i.test(error.message)
  if (!isMalformed) return undefined
  return new ServiceError('invalid_input', { detail: 'The form could not be read', cause: error })
}

function toRefusal(error: multer.MulterError, fileField: string | undefined): ServiceError {
  const { code, field = '' } = error
  const wanted = fileField === undefined ? 'no file is taken here' : `one file is wanted, in the field "${fileField}"`
  switch (code as string) {
    case 'LIMIT_UNEXPECTED_FILE':
    case 'LIMIT_FILE_COUNT':
      return refusal(field || (fileField ?? 'file'), wanted, error)
    case 'MISSING_FIELD_NAME':
      return fileField === undefined
        ? new ServiceError('invalid_input', { detail: 'A part of the form has no name', cause: error })
        : refusal(fileField, `a part of the form has no name; ${wanted}`, error)
    case 'LIMIT_FIELD_KEY':
      return new ServiceError('invalid_input', { detail: 'The name of a field is too long', cause: error })
    case 'LIMIT_FIELD_VALUE':
      return refusal(field, 'is too long', error)
    default:
      return new ServiceError('invalid_input', { detail: 'The form has too many parts', cause: error })
  }
}
