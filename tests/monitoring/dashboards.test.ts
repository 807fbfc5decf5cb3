import { alerts } from '@fanone/monitoring'
import { type Dashboard, dashboardsOf, type Panel, withVariables } from '@fanone/monitoring/panels'
import { beforeAll, expect, test } from 'vitest'
import { type Member, newMember, newSession, publish } from '../support/community.ts'
import { codeSentTo, newPhone } from '../support/phones.ts'
import { ask, query, watchClosely } from '../support/prometheus.ts'
import { appIds } from '../support/services.ts'
import { apiUrl, eventually } from '../support/stack.ts'

const dashboards = dashboardsOf(appIds)
const panels = dashboards.flatMap((dashboard) => dashboard.panels.map((panel) => ({ dashboard, panel })))

beforeAll(async () => {
  await watchClosely()
  const [author, viewer] = await Promise.all([newMember(), newMember()])
  const video = await publish(author)
  await use(viewer, author, video)
})

async function use(
  { api, user, password }: Member,
  author: Member,
  { id, videoUrl }: { id: number; videoUrl: string },
) {
  await api.visits.record({ id })
  await api.likes.video.put({ id })
  await api.likes.video.delete({ id })
  const { id: commentId } = await api.comments.create({ id, text: 'Good' })
  await api.comments.reply({ id: commentId, text: 'Indeed' })
  await api.relations.follow({ id: author.user.id })
  await api.relations.unfollow({ id: author.user.id })
  await api.videos.get({ id })
  await fetch(`${apiUrl}/v1/feeds/newest`)
  await fetch(videoUrl)
  await newSession({ user, password } as Member)
  const phone = newPhone()
  await api.phones.sendCode({ phone, purpose: 'sign_in' })
  await api.phones.signIn({ phone, code: await codeSentTo(phone, 'sign_in') })
  await api.sessions.logIn({ username: user.username, password: 'a wrong one' }).catch(() => {})
}

const everything = { app: '.*', instance: '.*', rateSeconds: 120 }

test('every query of every panel is answered, and not with nothing', { timeout: 120_000 }, async () => {
  // A rate needs two scrapes of what has just been counted for the first time.
  await eventually(
    async () => {
      expect((await Promise.all(panels.map(complaintsOf))).flat()).toEqual([])
      return true
    },
    { timeoutMs: 60_000 },
  )
})

async function complaintsOf({ dashboard, panel }: (typeof panels)[number]): Promise<string[]> {
  const asked = panel.queries.map(async (one) => {
    const answer = await query(withVariables(one, everything))
    return answer.length === 0 && !panel.isQuiet ? [`${nameOf(dashboard, panel)} is empty: ${one.expression}`] : []
  })
  return (await Promise.all(asked)).flat()
}

const nameOf = ({ id }: Dashboard, { title }: Panel) => `${id} / ${title}`

test('the metrics that panels and alerts name exist, also of those that are empty in good times', async () => {
  const known = new Set(Object.keys((await ask('metadata')).data as object))
  const { data: names } = (await ask('label/__name__/values')) as { data: string[] }
  for (const name of names) known.add(name)
  const expressions = [...panels.flatMap(({ panel }) => panel.queries), ...alerts].map(({ expression }) => expression)
  const named = new Set(
    expressions.flatMap((text) => text.match(/\b(fanone|dapr|nodejs|process|kafka|mysql|redis|node)_\w+/g) ?? []),
  )
  // Wild cards stand for names that come with their first count; OpenMetrics leaves endings out.
  const missing = [...named].filter(
    (name) => !known.has(name) && !known.has(name.replace(/_(bucket|count|sum|total)$/, '')),
  )
  expect(missing.filter((name) => name !== 'dapr_runtime_acl')).toEqual([])
})

test('what a panel links to is an alert', () => {
  const names = new Set(alerts.map(({ name }) => name))
  for (const { panel } of panels) if (panel.alert) expect(names).toContain(panel.alert)
  const ids = new Set(dashboards.map(({ id }) => id))
  for (const { dashboard } of alerts) expect(ids).toContain(dashboard)
})

test('the whole stack has at most 10,000 series', async () => {
  const [all] = await query('count({__name__=~".+"})')
  const byJob = await query('sort_desc(count by (job) ({__name__=~".+"}))')
  console.log(`${all?.value} series:`, byJob.map(({ labels, value }) => `${labels.job} ${value}`).join(', '))
  expect(all?.value).toBeLessThanOrEqual(10_000)
})
