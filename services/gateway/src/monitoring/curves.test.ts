import { appIds } from '@fanone/contracts/gateway'
import { describe, expect, it } from 'vitest'
import { curvesOf, listDashboards, type Wish } from './curves.ts'
import { Prometheus, type Range, type Series } from './prometheus.ts'

const now = new Date('2026-11-28T12:00:00Z')
const noAnswer: Series[] = []

/** What is asked of Prometheus for a wish, where it knows these instances. */
async function askedFor(wish: Wish, { instances = [] as string[], answer = noAnswer } = {}) {
  const asked: { expression: string; range: Range; stepSeconds: number }[] = []
  const shown = await curvesOf(
    {
      over: async (expression, range, stepSeconds) => {
        asked.push({ expression, range, stepSeconds })
        return answer
      },
      hasSeries: async (selector) => instances.some((instance) => selector === `up{instance="${instance}"}`),
    },
    wish,
    now,
  )
  return { asked, shown }
}

const refusal = (wish: Wish) => expect(askedFor(wish)).rejects
const panels = listDashboards().flatMap((dashboard) => dashboard.panels.map((panel) => ({ ...panel, dashboard })))

describe('the curves of a panel', () => {
  it('has an id for each panel, and a dashboard for each service', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const ids = listDashboards().map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(appIds.map((appId) => `service-${appId}`)))
  })

  it('leaves no variable in what is asked', async () => {
    for (const { id } of panels) {
      const { asked } = await askedFor({ panel: id })
      expect(asked.length).toBeGreaterThan(0)
      for (const { expression } of asked) expect(expression).not.toContain('$')
    }
  })

  it('is the last hour where nothing else is said', async () => {
    const { asked, shown } = await askedFor({ panel: 'overview.requests' })
    expect(asked[0]).toMatchObject({ stepSeconds: 30, range: { toSeconds: now.getTime() / 1_000 } })
    expect(shown).toMatchObject({ from: '2026-11-28T11:00:00.000Z', to: '2026-11-28T12:00:00.000Z', omitted: 0 })
  })

  it('is of the service and instance that are chosen, taken literally', async () => {
    const wish = { panel: 'overview.requests', app: 'feed', instance: '127.0.0.1:7130' }
    const { asked } = await askedFor(wish, { instances: ['127.0.0.1:7130'] })
    expect(asked[0]?.expression).toContain('app=~"feed", instance=~"127[.]0[.]0[.]1:7130"')
    await refusal(wish).toMatchObject({ code: 'invalid_input' })
  })

  it('refuses other panels, choices that the dashboard does not have, and too much', async () => {
    await refusal({ panel: 'overview.nothing' }).toMatchObject({ code: 'not_found' })
    await refusal({ panel: 'mysql.statements', app: 'feed' }).toMatchObject({ code: 'invalid_input' })
    const panel = 'mysql.statements'
    const [from, to] = ['2026-11-28T11:00:00Z', '2026-11-28T11:00:00Z']
    await refusal({ panel, from, to }).toMatchObject({ code: 'invalid_input' })
    await refusal({ panel, from: '2026-10-01T00:00:00Z', to }).toMatchObject({ code: 'invalid_input' })
    await refusal({ panel, from, stepSeconds: 7 }).toMatchObject({ code: 'invalid_input' })
    await expect(askedFor({ panel, from, stepSeconds: 8 })).resolves.toBeDefined()
  })

  it('has nothing where Prometheus has NaN, and at most a hundred curves', async () => {
    const answer = Array.from({ length: 101 }, (_, index): Series => {
      return { labels: { app: `app ${index}` }, points: [[1, Number.NaN]] }
    })
    const { shown } = await askedFor({ panel: 'overview.requests' }, { answer })
    expect(shown.curves).toHaveLength(100)
    expect(shown.curves[0]).toMatchObject({ name: 'app 0', points: [[1, null]] })
    expect(shown.omitted).toBe(1)
  })

  it('says in words that there is no Prometheus, or none that answers', async () => {
    for (const address of [undefined, '127.0.0.1:1'])
      await expect(curvesOf(new Prometheus({ address }), { panel: 'overview.requests' }, now)).rejects.toMatchObject({
        code: 'monitoring_unavailable',
        status: 503,
        detail: expect.stringContaining('Prometheus'),
      })
  })
})
