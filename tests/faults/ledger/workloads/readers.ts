import { setTimeout as delay } from 'node:timers/promises'
import { ServiceError } from '@fanone/service-kit'
import { checkNoRepeats, type Violation } from '../checker.ts'
import type { Workload } from '../workload.ts'
import { walkFeed } from './feed.ts'
import { newActor } from './members.ts'

/** Pages of a walk. */
const pageSize = 20
const walkLength = 60
/** What a reader may be shown late: an instance or a cache that has not heard yet. */
const staleMs = 5_000
/** Readers look, they do not hammer. */
const pauseMs = 100

/** What one reader has seen. */
interface Memory {
  /** In the last walk. */
  shown: Set<number>
  /** When ids were missed in a place where they had been, ms since 1970. */
  vanishedAt: Map<number, number>
}

/**
 * Readers scroll through the newest videos while they are written: no walk repeats or mixes items,
 * and vanished ones do not come back.
 */
export function readers({ clients = 2 } = {}): Workload {
  return {
    name: 'readers',
    async start() {
      const actor = await newActor('reader')
      const violations: Violation[] = []
      const memories = Array.from({ length: clients }, () => ({
        shown: new Set<number>(),
        vanishedAt: new Map<number, number>(),
      }))
      return {
        clients,
        async step({ index }) {
          await delay(pauseMs)
          const askedAt = Date.now()
          const ids = await readOnce()
          if (ids) look(memories[index] as Memory, ids, askedAt)
        },
        check: async () => violations,
      }

      /** @returns undefined where the feed cannot be had right now */
      async function readOnce(): Promise<number[] | undefined> {
        try {
          const items = await walkFeed(await actor.api(), {
            limit: pageSize,
            isEnough: (walked) => walked.length >= walkLength,
          })
          return items.map(({ id }) => id)
        } catch (error) {
          const isRefused = error instanceof ServiceError && error.status < 500
          if (isRefused) violations.push({ rule: 'refused', subject: 'the feed', detail: error.code })
          return undefined
        }
      }

      function look(memory: Memory, ids: number[], askedAt: number): void {
        violations.push(...checkNoRepeats('one walk of the feed', ids))
        const isDescending = ids.every((id, index) => index === 0 || id < (ids[index - 1] as number))
        if (!isDescending) violations.push({ rule: 'reordered', subject: 'the feed', detail: `${ids}` })
        const { vanishedAt } = memory
        const shown = new Set(ids)
        const oldest = ids.at(-1) ?? Number.POSITIVE_INFINITY
        for (const id of memory.shown)
          if (id > oldest && !shown.has(id) && !vanishedAt.has(id)) vanishedAt.set(id, Date.now())
        for (const id of ids)
          if (askedAt - (vanishedAt.get(id) ?? askedAt) > staleMs)
            violations.push({ rule: 'resurrected', subject: id, detail: 'shown again after it had vanished' })
        memory.shown = shown
      }
    },
  }
}
