import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { traverseContractProcedures } from '@orpc/server'
import { describe, expect, it } from 'vitest'
import { type ModuleParts, modules } from '../app.ts'
import { declaredRoutes } from '../routing/declared-routes.ts'
import { nounOf, withoutSlash } from '../routing/route-table.ts'
import { createOpenApiDocument } from './openapi.document.ts'

const docs = join(import.meta.dirname, '../../../../docs')

/** The rows of the compatibility APIs that are built so far. */
const compatibilityRoutes = [
  'POST /user/register',
  'PUT /user/avatar/upload',
  'POST /user/login',
  'GET /user/info',
  'GET /video/feed/',
  'POST /video/publish',
  'GET /video/list',
  'GET /douyin/feed/',
  'POST /douyin/user/register/',
  'POST /douyin/user/login/',
  'GET /douyin/user/',
  'POST /douyin/publish/action/',
  'GET /douyin/publish/list/',
]

const declared = declaredRoutes.map(({ method, path }) => `${method} ${path}`)

describe('the public contract', () => {
  it('has every row of the compatibility APIs that is built', () => {
    expect(declared).toEqual(expect.arrayContaining(compatibilityRoutes))
  })

  it('declares no route twice', () => {
    const keys = declaredRoutes.map(({ method, path }) => `${method} ${withoutSlash(path)}`)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('every route is implemented, those that take files by handlers of their own', () => {
    const parts = { interaction: {}, relation: {}, video: {}, user: {} } as ModuleParts
    const implemented = declaredRoutes
      .filter((route) => ['uploads', 'pictures'].includes(nounOf(route)))
      .map(({ path }) => path)
    for (const router of Object.values(modules(parts))) {
      traverseContractProcedures({ router, path: [] }, ({ contract }) => {
        implemented.push(String(contract['~orpc'].route.path))
      })
    }
    expect(implemented.sort()).toEqual(declaredRoutes.map(({ path }) => path).sort())
  })

  it('docs/openapi.json is what the contracts say (else: node services/gateway/src/openapi/generate.ts)', async () => {
    const written = JSON.parse(await readFile(join(docs, 'openapi.json'), 'utf8'))
    expect(JSON.parse(JSON.stringify(await createOpenApiDocument()))).toEqual(written)
  })

  it('every native route documents its problems', async () => {
    const { paths } = await createOpenApiDocument()
    for (const route of declaredRoutes.filter(({ surface }) => surface === 'v1')) {
      const item = paths?.[route.path] as Record<string, { responses: Record<string, unknown> }>
      expect(Object.keys(item[route.method.toLowerCase()]?.responses ?? {})).toEqual(
        expect.arrayContaining(['400', '429', '500', '503']),
      )
    }
  })
})
