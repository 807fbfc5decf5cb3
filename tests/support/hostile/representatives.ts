import { seededRandom } from '../../faults/ledger/random.ts'
import type { Field, PublicRoute } from '../public-routes.ts'
import { isFull, seed } from '../sampling.ts'

/** A route with the parameters to test; `isWhole` if the request as a whole is tested too. */
export interface Representative {
  route: PublicRoute
  fields: Field[]
  isWhole: boolean
}

/**
 * One route for each distinct parameter and form of request: the same schema is validated by the
 * same code. The seed selects the routes; the full count tests everything on every route.
 */
export function representatives(
  routes: readonly PublicRoute[],
  options: { isFull: boolean; seed: number } = { isFull, seed },
): Representative[] {
  if (options.isFull) return routes.map((route) => ({ route, fields: route.fields, isWhole: true }))
  const seen = new Set<string>()
  const isNew = (kind: string) => {
    const wasSeen = seen.has(kind)
    seen.add(kind)
    return !wasSeen
  }
  return seededRandom(options.seed)
    .shuffle(routes)
    .map((route) => ({
      route,
      fields: route.fields.filter((field) => isNew(kindOfField(route, field))),
      isWhole: isNew(kindOfRequest(route)),
    }))
    .filter(({ fields, isWhole }) => fields.length > 0 || isWhole)
}

/** What the validation of a parameter depends on. */
export function kindOfField({ surface, transport }: PublicRoute, { place, schema, isRequired }: Field): string {
  const {
    description: _description,
    title: _title,
    examples: _examples,
    ...validated
  } = schema as Record<string, unknown>
  return JSON.stringify([surface, transport, place, isRequired, validated])
}

export function kindOfRequest({ surface, method, transport, access }: PublicRoute): string {
  return JSON.stringify([surface, method, transport, access])
}
