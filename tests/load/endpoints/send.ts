import { apiUrl, eventually } from '../../support/stack.ts'
import type { Request } from './surfaces.ts'

/** Sends a request until it is not refused for being too much at a time. @returns the body */
export async function send({ path, ...request }: Request): Promise<string> {
  return await eventually(async () => {
    const response = await fetch(apiUrl + path, request)
    const text = await response.text()
    if (!response.ok) throw new Error(`${request.method} ${path} answers ${response.status}: ${text.slice(0, 200)}`)
    return text
  })
}
