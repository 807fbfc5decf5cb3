import express, { type RequestHandler } from 'express'
import { isStorageKey } from './keys.ts'

const ONE_YEAR_MS = 31_536_000_000

interface StaticError {
  statusCode?: number
  headers?: Record<string, string>
}

/**
 * An Express handler over a folder of objects that never change. A refused range or precondition is answered here (416, 412),
 * so that the application's error handler sees real failures only.
 *
 * @param folder absolute path of what may be seen
 */
export function serveFolder(folder: string): RequestHandler {
  const serveStatic = express.static(folder, {
    dotfiles: 'ignore',
    immutable: true,
    index: false,
    maxAge: ONE_YEAR_MS,
    redirect: false,
    setHeaders: (response) => void response.setHeader('X-Content-Type-Options', 'nosniff'),
  })
  return (request, response, next) => {
    // Keys need no percent-encoding: whatever has some is not one of ours.
    if (!isStorageKey(request.path.slice(1))) return next()
    return serveStatic(request, response, (error?: unknown) => {
      const { statusCode = 500, headers = {} } = (error ?? {}) as StaticError
      if (!error || statusCode >= 500 || response.headersSent) return next(error)
      response.removeHeader('Cache-Control')
      response.status(statusCode).set(headers).end()
    })
  }
}
