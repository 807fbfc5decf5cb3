import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchesOfOneTopic, bulkBody } from './outbox-rows.ts'

const row = (seq: number, topic: string, aggregateId: string | null, data = '{}') => ({
  seq,
  id: 2 ** 53 - 1,
  topic,
  type: `${topic}.v1`,
  aggregateId,
  data,
  traceparent: null as string | null,
  createdAt: new Date('2026-01-31T12:00:00.123Z'),
})

describe('batches of the outbox', () => {
  it('have one topic each and no aggregate twice, leave nothing out, and keep the order of every aggregate, whatever comes', () => {
    const rows = fc
      .array(
        fc.record({
          topic: fc.constantFrom('a', 'b', 'c'),
          aggregateId: fc.constantFrom('1', '2', '3', '4', '5', null),
          kilobytes: fc.constantFrom(0, 1, 600),
        }),
      )
      .map((all) =>
        all.map(({ topic, aggregateId, kilobytes }, index) =>
          row(index, topic, aggregateId, 'x'.repeat(kilobytes * 1024)),
        ),
      )
    fc.assert(
      fc.property(rows, (all) => {
        const batches = batchesOfOneTopic(all)
        for (const batch of batches) {
          expect(new Set(batch.map(({ topic }) => topic)).size).toBe(1)
          const ordered = batch.flatMap(({ aggregateId }) => aggregateId ?? [])
          expect(new Set(ordered).size).toBe(ordered.length)
          const length = batch.reduce((sum, { data }) => sum + data.length, 0)
          expect(batch.length === 1 || length <= 1024 * 1024).toBe(true)
        }
        const sent = batches.flat()
        expect(sent.toSorted((a, b) => a.seq - b.seq)).toEqual(all)
        for (const aggregate of new Set(all.flatMap(({ aggregateId }) => aggregateId ?? []))) {
          const seqs = sent.filter((one) => one.aggregateId === aggregate).map(({ seq }) => seq)
          expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
        }
      }),
    )
  })

  it('are few where topics take turns over different aggregates', () => {
    const rows = Array.from({ length: 100 }, (_, index) => row(index, index % 2 ? 'a' : 'b', String(index)))
    expect(batchesOfOneTopic(rows).map((batch) => batch.length)).toEqual([50, 50])
  })

  it('are as few as the most frequent aggregate allows, because earlier ones are filled too', () => {
    const aggregates = fc.array(fc.constantFrom('1', '2', '3', '4', '5', null), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(aggregates, (all) => {
        const sizes = Map.groupBy(
          all.filter((one) => one !== null),
          (one) => one,
        )
          .values()
          .map(({ length }) => length)
        const batches = batchesOfOneTopic(all.map((aggregate, index) => row(index, 'a', aggregate)))
        expect(batches).toHaveLength(Math.max(1, ...sizes))
      }),
    )
  })
})

describe('the body of a bulk publish', () => {
  it('is a CloudEvent around data that is put in as it is', () => {
    const data = JSON.stringify({ title: '"quoted" \\ \u2028 🚲', nested: [1, null] })
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const rows = [{ ...row(7, 'video.published', '17:"video"', data), traceparent }, row(8, 'video.published', null)]
    expect(JSON.parse(bulkBody(rows, 'video'))).toEqual([
      {
        entryId: '7',
        contentType: 'application/cloudevents+json',
        metadata: { partitionKey: '17:"video"' },
        event: {
          specversion: '1.0',
          id: '9007199254740991',
          source: 'video',
          type: 'video.published.v1',
          subject: '17:"video"',
          time: '2026-01-31T12:00:00.123Z',
          datacontenttype: 'application/json',
          data: JSON.parse(data),
          traceparent,
          traceid: '4bf92f3577b34da6a3ce929d0e0e4736',
        },
      },
      {
        entryId: '8',
        contentType: 'application/cloudevents+json',
        metadata: {},
        event: {
          specversion: '1.0',
          id: '9007199254740991',
          source: 'video',
          type: 'video.published.v1',
          time: '2026-01-31T12:00:00.123Z',
          datacontenttype: 'application/json',
          data: {},
        },
      },
    ])
  })
})
