import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { isPortFree, portHolder, portOf, shiftPort, shiftSetting } from './ports.ts'

describe('ports of a stack', () => {
  it('stay as written for the written base', () => {
    expect(shiftPort(7130, 7000)).toBe(7130)
  })

  it('move together for another base', () => {
    expect([7001, 7630, 8080].map((port) => shiftPort(port, 9000))).toEqual([9001, 9630, 10080])
  })

  it('leave foreign ports alone', () => {
    expect([443, 5432, 9411].map((port) => shiftPort(port, 9000))).toEqual([443, 5432, 9411])
  })

  it('are found inside settings', () => {
    expect(shiftSetting('KAFKA_BROKERS', '127.0.0.1:7003,localhost:7103', 9000)).toBe('127.0.0.1:9003,localhost:9103')
    expect(shiftSetting('ZIPKIN_ENDPOINT', 'http://127.0.0.1:7005/api/v2/spans', 9000)).toBe(
      'http://127.0.0.1:9005/api/v2/spans',
    )
    expect(shiftSetting('HTTP_PORT', '8080', 9000)).toBe('10080')
  })

  it('are not found in other numbers and other hosts', () => {
    expect(shiftSetting('LIMIT', '7100', 9000)).toBe('7100')
    expect(shiftSetting('REPORT', '7100', 9000)).toBe('7100')
    expect(shiftSetting('REMOTE', 'kafka.example:7003', 9000)).toBe('kafka.example:7003')
  })

  it('are read from addresses', () => {
    expect(portOf('127.0.0.1:7001')).toBe(7001)
    expect(portOf('http://127.0.0.1:7005/api')).toBe(7005)
    expect(() => portOf('localhost')).toThrow('has no port')
  })

  it('that are taken are seen, with their holder', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    expect(await isPortFree(port)).toBe(false)
    expect(portHolder(port)).toContain(`(pid ${process.pid})`)
    await new Promise((resolve) => server.close(resolve))
    expect(await isPortFree(port)).toBe(true)
  })
})
