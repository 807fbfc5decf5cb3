import { expect, test } from 'vitest'
import { declaredRoutes } from '../../services/gateway/src/routing/declared-routes.ts'
import { RouteTable } from '../../services/gateway/src/routing/route-table.ts'
import { pagePaths } from '../../web/build/page-list.ts'

const table = new RouteTable(declaredRoutes)

test.each(pagePaths())('the page %s stands in the way of no API', (path) => {
  const shown = path.replace(/\$\w+/g, '1')
  for (const method of ['GET', 'HEAD']) expect(table.find(method, shown)).toBeUndefined()
  expect(shown).not.toMatch(/^\/(v1|douyin|media|docs|openapi\.json|\.well-known)(\/|$)/)
})
