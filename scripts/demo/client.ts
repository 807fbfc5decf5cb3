/** Registers, or logs in where an earlier run has registered. */
export async function signIn(apiUrl: string, credentials: { username: string; password: string }): Promise<string> {
  const registered = await send(apiUrl, 'POST', '/v1/users', { json: credentials })
  const answer =
    registered.status === 409 ? await request(apiUrl, 'POST', '/v1/sessions', { json: credentials }) : registered.body
  const token = answer.tokens?.accessToken ?? answer.accessToken
  if (!token) throw new Error(`${credentials.username} could not sign in: ${JSON.stringify(answer)}`)
  return token
}

interface RequestOptions {
  token?: string
  json?: unknown
  form?: FormData
}

// biome-ignore lint/suspicious/noExplicitAny: the seed reads two or three fields of an answer.
export async function request(apiUrl: string, method: string, path: string, options: RequestOptions): Promise<any> {
  const { status, body } = await send(apiUrl, method, path, options)
  if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(body)}`)
  return body
}

async function send(apiUrl: string, method: string, path: string, options: RequestOptions) {
  const response = await fetch(apiUrl + path, {
    method,
    headers: {
      ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
      ...(options.json ? { 'content-type': 'application/json' } : {}),
    },
    body: options.form ?? (options.json ? JSON.stringify(options.json) : null),
    signal: AbortSignal.timeout(120_000),
  })
  const text = await response.text()
  return { status: response.status, body: text ? JSON.parse(text) : {} }
}
