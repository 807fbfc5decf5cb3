/**
 * The yardstick: an Express process that answers the same bytes and does nothing else. No ETag and
 * no X-Powered-By, so that it is as quick as Express gets. Gets each answer by IPC and says on
 * which port it gives it.
 */
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { BareAnswer } from './helpers.ts'

process.on('message', ({ method, path, status, body }: BareAnswer) => {
  const bytes = Buffer.from(body)
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  const route = method.toLowerCase() as 'get'
  app[route](path, (_request, response) => {
    response.status(status)
    if (bytes.length > 0) response.type('json').send(bytes)
    else response.end()
  })
  const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
})
