import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { declaredRoutes } from './declared-routes.ts'
import { RouteTable } from './route-table.ts'

const table = new RouteTable(declaredRoutes)

describe('the route table', () => {
  it.each(['/douyin/feed', '/douyin/feed/', '/video/feed', '/video/feed/', '/user/register/'])(
    'the compatibility APIs answer with and without a slash at the end: %s',
    (path) => expect(table.find('GET', path)).toBeDefined(),
  )

  it('the native API has one address for one thing', () => {
    expect(table.find('GET', '/v1/users')).toBeDefined()
    expect(table.find('GET', '/v1/users/')).toBeUndefined()
    expect(table.find('GET', '/v1/videos/5/')).toBeUndefined()
  })

  it('a path knows all of its methods', () => {
    expect(table.find('GET', '/v1/videos/5')?.entry.methods.sort()).toEqual(['DELETE', 'GET', 'HEAD', 'PATCH'])
  })

  it('finds the route of a method with the decoded parameters of its path', () => {
    expect(table.find('PATCH', '/v1/videos/5')).toMatchObject({ route: { name: 'videos.edit' }, params: { id: '5' } })
    expect(table.find('HEAD', '/v1/videos/%35')).toMatchObject({ route: { name: 'videos.get' }, params: { id: '5' } })
    expect(table.find('PUT', '/v1/videos/5')).toMatchObject({
      entry: { template: '/v1/videos/{id}' },
      route: undefined,
    })
  })

  it('looks a request up once, whatever form its target has', () => {
    const request = { method: 'GET', url: 'http://gateway.example/v1/videos/5?x=/v1/users' } as IncomingMessage
    const found = table.lookUp(request)
    expect(found?.route?.name).toBe('videos.get')
    expect(table.lookUp(request)).toBe(found)
  })

  it.each(['..', '.', '%2e%2e', '%2E', '..%2f', 'a\\b'])('a segment %s leads nowhere', (segment) => {
    const found = table.find('GET', `/v1/videos/${segment}/comments`)
    expect(found?.params.id ?? '').not.toMatch(/^\.{1,2}$|\\/)
  })

  it.each(['/', '/v1', '/v1/videos/5/6', '/healthz', '/metrics', '/user', '//user/info'])('%s is nothing', (path) =>
    expect(table.find('GET', path)).toBeUndefined(),
  )
})
