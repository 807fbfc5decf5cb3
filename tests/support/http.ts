import { type Agent, request as httpRequest } from 'node:http'
import { Problem } from '@fanone/contracts'
import { expect } from 'vitest'
import { untilHashed } from './hashing.ts'
import { apiUrl } from './stack.ts'

/** An answer, read to its end. */
export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The body as JSON; undefined where it is none. */
  json: unknown
}

export interface SendOptions {
  /** Access token of the user. */
  token?: string
  headers?: Record<string, string>
  /** Sent as a JSON body. */
  json?: unknown
  body?: NonNullable<RequestInit['body']>
}

/**
 * A raw request, for what the typed client cannot send.
 *
 * @param url path on the public API, or a whole URL
 */
export function send(method: string, url: string, options: SendOptions = {}): Promise<Answer> {
  return untilHashed(() => sendOnce(method, url, options))
}

async function sendOnce(method: string, url: string, options: SendOptions): Promise<Answer> {
  const { token, headers = {}, json, body } = options
  const response = await fetch(new URL(url, apiUrl), {
    method,
    redirect: 'manual',
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    ...(body === undefined ? {} : { body }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: parse(text) }
}

/**
 * Sends a request unchanged: `fetch` would normalise dots and percent signs in a path, and forbid
 * conditional requests.
 *
 * @param options.agent keeps connections open; without it each request has its own
 */
export function sendAsIs(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  options: { body?: Buffer | string | undefined; agent?: Agent } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(apiUrl)
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path, headers, agent: options.agent ?? false })
    request.once('error', reject)
    request.once('response', async (response) => {
      try {
        const text = Buffer.concat(await response.toArray()).toString()
        const received = new Headers(response.headers as Record<string, string>)
        resolve({ status: response.statusCode ?? 0, headers: received, text, json: parse(text) })
      } catch (error) {
        reject(error)
      }
    })
    request.end(options.body)
  })
}

/** Whether a text reveals internals. */
export const innerWorkings = /\n\s+at |node_modules|\.ts\b|\/src\/|file:\/\/|\b\w*Error:|select .* from|ECONNREFUSED/i

/**
 * Checks that an answer is the complete problem document (RFC 9457) of a code and reveals no
 * internals.
 */
export function expectProblem(answer: Answer, status: number, code: string): Problem {
  expect({ status: answer.status, ...(answer.json as object) }).toMatchObject({ status, code })
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  const problem = Problem.strict().parse(answer.json)
  expect(problem.status).toBe(status)
  expect(problem.traceId).toMatch(/^[0-9a-f]{32}$/)
  expect(answer.text).not.toMatch(innerWorkings)
  return problem
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
