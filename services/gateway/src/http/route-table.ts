import type { RouteMeta } from '@fanone/contracts/gateway'
import type { AnyContractRouter } from '@orpc/contract'
import { isContractProcedure } from '@orpc/contract'

/** The three APIs of the gateway. */
export type Surface = 'v1' | 'fanone' | 'douyin'

/** One declared route. */
export interface DeclaredRoute {
  surface: Surface
  /** Where in the contract: `users.register`. */
  name: string
  method: string
  path: string
  meta: RouteMeta
  /** The schema that validates its parameters, if it takes any. */
  input: unknown
}

/** Every route of a contract, in order of declaration. */
export function listRoutes(surface: Surface, contract: AnyContractRouter, prefix = ''): DeclaredRoute[] {
  if (isContractProcedure(contract)) {
    const { route, meta, inputSchema: input } = contract['~orpc']
    const { method = 'POST', path = '/' } = route
    return [{ surface, name: prefix, method, path, meta: meta as RouteMeta, input }]
  }
  return Object.entries(contract).flatMap(([key, part]) =>
    listRoutes(surface, part as AnyContractRouter, prefix ? `${prefix}.${key}` : key),
  )
}

/** What answers a path. */
export interface PathEntry {
  /** As declared: `/v1/videos/{id}`. */
  template: string
  surface: Surface
  methods: string[]
}

/** Finds out which API a path belongs to, before anything of the request is read. */
export class RouteTable {
  readonly #fixed = new Map<string, PathEntry>()
  readonly #templates: { pattern: RegExp; entry: PathEntry }[] = []

  constructor(routes: DeclaredRoute[]) {
    const byPath = Map.groupBy(routes, (route) => withoutSlash(route.path))
    for (const [path, [first, ...others]] of byPath) {
      if (!first) continue
      const methods = [first, ...others].map((route) => route.method)
      if (methods.includes('GET')) methods.push('HEAD')
      const entry = { template: first.path, surface: first.surface, methods }
      if (!path.includes('{')) this.#fixed.set(path, entry)
      else this.#templates.push({ pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`), entry })
    }
  }

  /** The entry of a path. A slash at the end is accepted by the compatibility APIs only. */
  find(path: string): PathEntry | undefined {
    const exact = this.#fixed.get(path) ?? this.#templates.find(({ pattern }) => pattern.test(path))?.entry
    if (exact || !path.endsWith('/')) return exact
    const entry = this.#fixed.get(path.slice(0, -1))
    return entry?.surface === 'v1' ? undefined : entry
  }
}

/** A path without the slash at its end. */
export const withoutSlash = (path: string) => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path)
