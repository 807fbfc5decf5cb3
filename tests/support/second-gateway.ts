import { freePort, startSecond } from './second-service.ts'
import { eventually } from './stack.ts'

/**
 * One more gateway beside the stack's, with other settings: the stack of the tests has its rate limits raised and everything else as
 * it comes.
 *
 * @param settings environment variables that differ
 */
export async function startSecondGateway(
  settings: Record<string, string>,
): Promise<{ url: string; stop(): Promise<void> }> {
  const httpPort = String(await freePort())
  const gateway = await startSecond('gateway', { HTTP_PORT: httpPort, ...settings })
  const url = `http://127.0.0.1:${httpPort}`
  await eventually(async () => (await fetch(`${url}/.well-known/jwks.json`)).ok, {
    what: 'the second gateway answers',
  })
  return { url, stop: gateway.stop }
}
