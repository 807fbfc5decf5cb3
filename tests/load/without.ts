/**
 * Loaded into a service before it starts (`node --import`), for measuring only: takes out the
 * layers that WITHOUT names, so that their price shows. Services have no such switches.
 */
import { feedContract } from '@fanone/contracts'
import { v1Contract } from '@fanone/contracts/gateway'
import { DeadlineTransport } from '@fanone/service-kit'
import { Pool } from 'undici'
import { httpRequestSeconds, invocations } from '../../packages/service-kit/src/metrics.ts'

const layers = {
  metrics() {
    httpRequestSeconds.startTimer = () => () => 0
    invocations.startTimer = () => () => 0
  },
  /** At the gateway only output: its input is text and must become numbers. */
  validation() {
    const { inputSchema: _in, outputSchema: _out, ...rest } = feedContract.timelines.newest['~orpc']
    Object.assign(feedContract.timelines.newest, { '~orpc': rest })
    const { outputSchema: _page, ...publicRest } = v1Contract.feeds.newest['~orpc']
    Object.assign(v1Contract.feeds.newest, { '~orpc': publicRest })
  },
  /**
   * Services are called where their sidecars would call them; AROUND says where, and which token
   * they would show.
   */
  sidecar() {
    const addresses: Record<string, { url: string; token: string }> = JSON.parse(String(process.env.AROUND))
    const pools = Object.fromEntries(
      Object.entries(addresses).map(([appId, { url, token }]) => [
        appId,
        { pool: new Pool(url, { connections: 128 }), token },
      ]),
    )
    const request = DeadlineTransport.prototype.request
    DeadlineTransport.prototype.request = async function (sent) {
      const [, appId = '', path = ''] = /^\/v1\.0\/invoke\/([a-z]+)\/method(.*)$/.exec(sent.path) ?? []
      const around = pools[appId]
      if (!around) return request.call(this, sent)
      const { statusCode, headers, body } = await around.pool.request({
        method: sent.method,
        path,
        headers: { 'content-type': 'application/json', 'dapr-api-token': around.token, ...sent.headers },
        body: JSON.stringify(sent.body),
      })
      return { status: statusCode, headers, text: await body.text() }
    }
  },
}

for (const layer of String(process.env.WITHOUT ?? '').split(' ')) layers[layer as keyof typeof layers]?.()
