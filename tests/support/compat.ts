import { type Answer, send } from './http.ts'

/** How parameters are sent: in the query, as a form, or as a multipart form. */
export type Transport = 'query' | 'form' | 'multipart'

export type Parameters = Record<string, string>

/** One request of a compatibility API. */
export function call(
  method: string,
  path: string,
  options: { parameters?: Parameters; as?: Transport; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { parameters = {}, as = method === 'GET' ? 'query' : 'form', headers = {} } = options
  const form = new URLSearchParams(parameters)
  if (as === 'query') return send(method, form.size > 0 ? `${path}?${form}` : path, { headers })
  if (as === 'form') {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    return send(method, path, { headers: { ...type, ...headers }, body: form.toString() })
  }
  const multipart = new FormData()
  for (const [name, value] of Object.entries(parameters)) multipart.append(name, value)
  return send(method, path, { headers, body: multipart })
}

/** `YYYY-MM-DD HH:MM:SS` in UTC+8 of an RFC 3339 instant. */
export function inUtc8(instant: string): string {
  return new Date(Date.parse(instant)).toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' })
}
