import { feedContract } from '@fanone/contracts'
import { v1Contract } from '@fanone/contracts/gateway'
import type { z } from 'zod'
import { sidecarOf } from '../support/sidecars.ts'
import { apiUrl } from '../support/stack.ts'
import type { PlannedRequest } from './closed-loop.ts'
import type { Plan } from './helpers.ts'

/** Videos of a page. */
export const PAGE_SIZE = 30

const NEWEST = '/v1/feeds/newest'
/** The first page, in the form in which the gateway remembers it. */
export const newestPath = `${NEWEST}?limit=${PAGE_SIZE}`

/**
 * Reads the feed through a gateway as somebody who scrolls.
 *
 * @param options.accessToken whose requests these are; without one the first page comes from the
 *   gateway's memory
 * @param options.traceparent sent with every request
 * @returns the requests of `pages` pages, each with the answer it had, which is checked against the
 *   contract
 */
export async function planGateway(options: {
  pages: number
  url?: string
  accessToken?: string | undefined
  traceparent?: string
}): Promise<Plan> {
  const { pages, url = apiUrl, accessToken, traceparent } = options
  const headers = {
    ...(accessToken && { authorization: `Bearer ${accessToken}` }),
    ...(traceparent && { traceparent }),
  }
  const schema = v1Contract.feeds.newest['~orpc'].outputSchema as z.ZodType<{ items: object[]; nextCursor: string }>
  return {
    url,
    requests: await scroll(pages, url, schema, (cursor) => {
      const query = new URLSearchParams({ ...(cursor && { cursor }), limit: String(PAGE_SIZE) })
      return { method: 'GET', path: `${NEWEST}?${query}`, headers }
    }),
  }
}

/**
 * The same from the feed service itself, with the token its sidecar would show.
 *
 * @param options.url another instance
 */
export async function planService(options: { pages: number; url?: string; traceparent?: string }): Promise<Plan> {
  const { appPort, appToken } = await sidecarOf('feed')
  const { pages, url = `http://127.0.0.1:${appPort}`, traceparent } = options
  const headers = {
    'dapr-api-token': appToken,
    'content-type': 'application/json',
    ...(traceparent && { traceparent }),
  }
  const { outputSchema, route } = feedContract.timelines.newest['~orpc']
  return {
    url,
    requests: await scroll(pages, url, outputSchema as never, (cursor) => {
      const body = JSON.stringify({ ...(cursor && { cursor }), limit: PAGE_SIZE })
      return { method: 'POST', path: route.path as string, headers, body }
    }),
  }
}

async function scroll(
  pages: number,
  url: string,
  schema: z.ZodType<{ items: object[]; nextCursor: string | null }>,
  request: (cursor: string | undefined) => Omit<PlannedRequest, 'expected'>,
): Promise<PlannedRequest[]> {
  const planned: PlannedRequest[] = []
  let cursor: string | undefined
  for (let page = 0; page < pages; page++) {
    const { path, ...init } = request(cursor)
    const response = await fetch(url + path, init)
    const expected = await response.text()
    if (!response.ok) throw new Error(`${path} answers ${response.status}: ${expected.slice(0, 200)}`)
    const { items, nextCursor } = schema.parse(JSON.parse(expected))
    if (items.length !== PAGE_SIZE) throw new Error(`page ${page} of ${path} has ${items.length} videos`)
    planned.push({ ...request(cursor), expected })
    cursor = nextCursor ?? undefined
  }
  return planned
}
