import { afterEach, describe, expect, it } from 'vitest'
import { startTestGateway } from '../testing/test-gateway.ts'
import { signToken } from '../testing/test-tokens.ts'
import { hashVisitor } from './visitor.ts'

let gateway: Awaited<ReturnType<typeof startTestGateway>> | undefined
afterEach(() => gateway?.stop())

describe('a visitor', () => {
  it('without a token is the same whenever they come from the same address, and somebody else from another', () => {
    const visitor = hashVisitor('key', 'ip:192.0.2.7')
    expect(visitor).toMatch(/^[0-9a-f]{32}$/)
    expect(hashVisitor('key', 'ip:192.0.2.7')).toBe(visitor)
    expect(hashVisitor('key', 'ip:192.0.2.8')).not.toBe(visitor)
  })

  it('cannot be found by hashing all addresses without the key', () => {
    expect(hashVisitor('another', 'ip:192.0.2.7')).not.toBe(hashVisitor('key', 'ip:192.0.2.7'))
  })

  it('with a token is the user, whatever the address', async () => {
    const sent: unknown[] = []
    const record = async (input: unknown, options: { context: { identity?: { userId: number } } }) => {
      sent.push({ input, userId: options.context.identity?.userId })
      return { counted: true }
    }
    gateway = await startTestGateway({ interaction: { visits: { record } } })
    const visit = (headers: Record<string, string>) =>
      fetch(`${gateway?.url}/v1/videos/1/visits`, { method: 'POST', headers })
    expect(await (await visit({ authorization: `Bearer ${await signToken(gateway.key)}` })).json()).toEqual({
      counted: true,
    })
    await visit({})
    const target = { kind: 'video', id: 1 }
    expect(sent).toEqual([
      { input: { target }, userId: 42 },
      { input: { target, visitor: expect.stringMatching(/^[0-9a-f]{32}$/) }, userId: undefined },
    ])
  })
})
