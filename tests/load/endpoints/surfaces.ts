import type { PlannedRequest } from '../closed-loop.ts'
import type { Viewer } from './community.ts'

export type Surface = '/v1' | 'FanOne' | 'Douyin'

/** A request without its answer. */
export type Request = Omit<PlannedRequest, 'expected' | 'isPattern' | 'status'>

const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** How each surface is shown a token, and how parameters are posted to it. */
export const surfaces: Record<Surface, { withToken(request: Request, viewer: Viewer): Request }> = {
  '/v1': {
    withToken: (request, { token }) => ({
      ...request,
      headers: { ...request.headers, authorization: `Bearer ${token}` },
    }),
  },
  FanOne: {
    withToken: (request, { token }) => ({ ...request, headers: { ...request.headers, 'access-token': token } }),
  },
  Douyin: {
    withToken: (request, { token }) => ({
      ...request,
      path: `${request.path}${request.path.includes('?') ? '&' : '?'}token=${token}`,
    }),
  },
}

export const get = (path: string): Request => ({ method: 'GET', path })

export const postForm = (path: string, fields: Record<string, string | number>): Request => {
  const texts = Object.entries(fields).map(([name, value]) => [name, String(value)] as [string, string])
  return { method: 'POST', path, headers: form, body: new URLSearchParams(texts).toString() }
}
