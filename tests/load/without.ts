/**
 * Loaded into a service before it starts (`node --import`), for measuring only: takes out the layers that WITHOUT names, so that
 * their price shows. Services have no such switches.
 */
import { feedContract } from '@fanone/contracts'
import { v1Contract } from '@fanone/contracts/gateway'
import { Sidecar } from '@fanone/service-kit'
import { Pool } from 'undici'
import { httpRequestSeconds, invocations } from '../../packages/service-kit/src/metrics.ts'

const layers = {
  metrics() {
    httpRequestSeconds.startTimer = () => () => 0
    invocations.startTimer = () => () => 0
  },
  /** Only what comes out of handlers at the gateway: its input is text and has to be made numbers of. */
  validation() {
    const { inputSchema: _in, outputSchema: _out, ...rest } = feedContract.timelines.newest['~orpc']
    Object.assign(feedContract.timelines.newest, { '~orpc': rest })
    const { outputSchema: _page, ...publicRest } = v1Contract.feeds.newest['~orpc']
    Object.assign(v1Contract.feeds.newest, { '~orpc': publicRest })
  },
  /** The feed is called where its sidecar would call it; FEED_URL says where, FEED_TOKEN what it would show. */
  sidecar() {
    const pool = new Pool(String(process.env.FEED_URL), { connections: 128 })
    const prefix = '/v1.0/invoke/feed/method'
    const send = Sidecar.prototype.send
    Sidecar.prototype.send = async function (request) {
      if (!request.path.startsWith(prefix)) return send.call(this, request)
      return await pool.request({
        method: request.method,
        path: request.path.slice(prefix.length),
        headers: {
          'content-type': 'application/json',
          'dapr-api-token': String(process.env.FEED_TOKEN),
          ...request.headers,
        },
        body: JSON.stringify(request.body),
      })
    }
  },
}

for (const layer of String(process.env.WITHOUT ?? '').split(' ')) layers[layer as keyof typeof layers]?.()
