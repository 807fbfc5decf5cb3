import { expect, test } from 'vitest'
import { publicRoutes } from '../public-routes.ts'
import { kindOfField, kindOfRequest, representatives } from './representatives.ts'

test.each([1, 2, 3])('with seed %d every kind of parameter and of request is tried once', (seed) => {
  const chosen = representatives(publicRoutes, { isFull: false, seed })
  const fields = chosen.flatMap((one) => one.fields.map((field) => kindOfField(one.route, field)))
  const requests = chosen.filter(({ isWhole }) => isWhole).map(({ route }) => kindOfRequest(route))
  const allFields = publicRoutes.flatMap((route) => route.fields.map((field) => kindOfField(route, field)))
  expect(fields.toSorted()).toEqual([...new Set(allFields)].toSorted())
  expect(requests.toSorted()).toEqual([...new Set(publicRoutes.map(kindOfRequest))].toSorted())
})

test('other seeds choose other routes', () => {
  const routesOf = (seed: number) =>
    representatives(publicRoutes, { isFull: false, seed }).map(({ route }) => route.path)
  expect(routesOf(1)).not.toEqual(routesOf(2))
})

test('in the full count every route is tried with everything', () => {
  const chosen = representatives(publicRoutes, { isFull: true, seed: 1 })
  expect(chosen).toEqual(publicRoutes.map((route) => ({ route, fields: route.fields, isWhole: true })))
})
