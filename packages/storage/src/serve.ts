import type { Stats } from 'node:fs'
import express, { type RequestHandler } from 'express'
import { isStorageKey } from './keys.ts'

const ONE_YEAR_MS = 31_536_000_000

/** A range that asks for a number of bytes from the end. */
const LAST_BYTES = /^bytes=-0*[1-9]\d*$/

interface StaticError {
  statusCode?: number
  headers?: Record<string, string>
}

/**
 * An Express handler over a folder of immutable objects. It answers refused ranges and
 * preconditions (416, 412) itself, so that the application's error handler sees real failures only.
 *
 * @param folder absolute path of the public files
 */
export function serveFolder(folder: string): RequestHandler {
  const serveStatic = express.static(folder, {
    dotfiles: 'ignore',
    immutable: true,
    index: false,
    maxAge: ONE_YEAR_MS,
    redirect: false,
    setHeaders: (response, _path, { size, mtimeMs }: Stats) => {
      response.setHeader('X-Content-Type-Options', 'nosniff')
      // Strong, because objects never change; ranges cannot be combined with Express's weak tag.
      response.setHeader('ETag', `"${size.toString(16)}-${Math.round(mtimeMs * 1000).toString(16)}"`)
    },
  })
  return (request, response, next) => {
    // Keys need no percent-encoding: whatever has some is not one of ours.
    if (!isStorageKey(request.path.slice(1))) return next()
    return serveStatic(request, response, (error?: unknown) => {
      const { statusCode = 500, headers = {} } = (error ?? {}) as StaticError
      if (!error || statusCode >= 500 || response.headersSent) return next(error)
      if (statusCode === 416 && LAST_BYTES.test(request.headers.range ?? '')) {
        // A suffix longer than the file means all of it (RFC 9110, 14.1.2), which range-parser does
        // not know.
        delete request.headers.range
        return serveStatic(request, response, next)
      }
      response.removeHeader('Cache-Control')
      response.status(statusCode).set(headers).end()
    })
  }
}
