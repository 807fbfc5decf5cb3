import { describe, expect, it } from 'vitest'
import { declaredRoutes } from '../openapi/openapi.document.ts'
import { RouteTable } from './route-table.ts'

const table = new RouteTable(declaredRoutes)

describe('the route table', () => {
  it.each(['/douyin/feed', '/douyin/feed/', '/video/feed', '/video/feed/', '/user/register/'])(
    'the compatibility APIs answer with and without a slash at the end: %s',
    (path) => expect(table.find(path)).toBeDefined(),
  )

  it('the native API has one address for one thing', () => {
    expect(table.find('/v1/users')).toBeDefined()
    expect(table.find('/v1/users/')).toBeUndefined()
    expect(table.find('/v1/videos/5/')).toBeUndefined()
  })

  it('a path knows all of its methods', () => {
    expect(table.find('/v1/videos/5')?.methods.sort()).toEqual(['DELETE', 'GET', 'HEAD', 'PATCH'])
  })

  it.each(['/', '/v1', '/v1/videos/5/6', '/healthz', '/metrics', '/user', '//user/info'])('%s is nothing', (path) =>
    expect(table.find(path)).toBeUndefined(),
  )
})
