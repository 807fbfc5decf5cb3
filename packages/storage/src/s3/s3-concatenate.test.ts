import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MIN_PART_BYTES, partsOf } from './s3-concatenate.ts'

const GIBIBYTE = 1024 ** 3
const size = fc.oneof(
  fc.integer({ min: 0, max: 3 * MIN_PART_BYTES }),
  fc.constantFrom(0, 1, MIN_PART_BYTES - 1, MIN_PART_BYTES, MIN_PART_BYTES + 1, 5 * GIBIBYTE, 12 * GIBIBYTE),
)

test('parts hold every byte once and in order, and have sizes that S3 takes', () => {
  fc.assert(
    fc.property(fc.array(size, { maxLength: 20 }), (sizes) => {
      const sources = sizes.map((bytes, index) => ({ name: `${index}`, firstByte: 0, bytes }))
      const parts = partsOf(sources)
      const bytesOf = (pieces: { bytes: number }[]) => pieces.reduce((sum, { bytes }) => sum + bytes, 0)
      for (const part of parts.slice(0, -1)) expect(bytesOf(part)).toBeGreaterThanOrEqual(MIN_PART_BYTES)
      for (const part of parts) expect(bytesOf(part)).toBeLessThanOrEqual(5 * GIBIBYTE)
      // What is put together here must fit into memory.
      for (const part of parts) if (part.length > 1) expect(bytesOf(part)).toBe(Math.min(bytesOf(part), MIN_PART_BYTES))
      let [source, at] = [0, 0]
      for (const { name, firstByte, bytes } of parts.flat()) {
        while (at === sizes[source]) [source, at] = [source + 1, 0]
        expect([Number(name), firstByte]).toEqual([source, at])
        at += bytes
      }
      expect(bytesOf(parts.flat())).toBe(bytesOf(sources))
    }),
    { numRuns: 300 },
  )
})
