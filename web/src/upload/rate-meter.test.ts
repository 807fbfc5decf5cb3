import { describe, expect, it } from 'vitest'
import { RateMeter } from './rate-meter.ts'

describe('a rate', () => {
  it('is not known before something was measured for a moment', () => {
    const meter = new RateMeter()
    expect(meter.bytesPerSecond).toBeUndefined()
    meter.add(0, 0)
    meter.add(100, 1_000)
    expect(meter.bytesPerSecond).toBeUndefined()
  })

  it('is that of the last seconds', () => {
    const meter = new RateMeter()
    for (let second = 0; second <= 60; second++) meter.add(second * 1_000, second * 100)
    expect(meter.bytesPerSecond).toBeCloseTo(100)
    for (let second = 61; second <= 80; second++) meter.add(second * 1_000, 6_000 + (second - 60) * 1_000)
    expect(meter.bytesPerSecond).toBeCloseTo(1_000)
  })

  it('falls while nothing comes', () => {
    const meter = new RateMeter()
    meter.add(0, 0)
    meter.add(1_000, 1_000)
    meter.add(2_000, 1_000)
    expect(meter.bytesPerSecond).toBe(500)
  })

  it('begins anew where bytes are sent again, and after a pause', () => {
    const meter = new RateMeter()
    meter.add(0, 0)
    meter.add(1_000, 5_000)
    meter.add(2_000, 1_000)
    meter.add(3_000, 1_200)
    expect(meter.bytesPerSecond).toBe(200)
    meter.reset()
    expect(meter.bytesPerSecond).toBeUndefined()
  })
})
