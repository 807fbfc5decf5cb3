/**
 * The yardstick: an Express process that answers the same bytes and does nothing else. No ETag and
 * no X-Powered-By, so that it is as quick as Express gets. Gets the bytes by IPC and answers its
 * port.
 */
import type { AddressInfo } from 'node:net'
import express from 'express'

process.once('message', (text: string) => {
  const bytes = Buffer.from(text)
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.get('/v1/feeds/newest', (_request, response) => void response.type('json').send(bytes))
  const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
})
