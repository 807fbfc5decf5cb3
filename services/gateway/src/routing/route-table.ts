import type { IncomingMessage } from 'node:http'
import type { RouteMeta, Surface } from '@fanone/contracts/gateway'
import { type AnyContractRouter, isContractProcedure } from '@orpc/contract'

/** One declared route. */
export interface PublicRoute {
  surface: Surface
  /** Where in the contract: `users.register`. Its first part is the noun. */
  name: string
  method: string
  path: string
  meta: RouteMeta
  /** The schema that validates its parameters, if it takes any. */
  input: unknown
}

/** Every route of a contract, in order of declaration. */
export function listRoutes(surface: Surface, contract: AnyContractRouter, prefix = ''): PublicRoute[] {
  if (isContractProcedure(contract)) {
    const { route, meta, inputSchema: input } = contract['~orpc']
    const { method = 'POST', path = '/' } = route
    return [{ surface, name: prefix, method, path, meta: meta as RouteMeta, input }]
  }
  return Object.entries(contract).flatMap(([key, part]) =>
    listRoutes(surface, part as AnyContractRouter, prefix ? `${prefix}.${key}` : key),
  )
}

/** The noun of a route, which names the folder that answers it. */
export const nounOf = (route: PublicRoute) => route.name.split('.')[0] ?? ''

/** The last part of a route's name, which its handler has. */
export const verbOf = (route: PublicRoute) => route.name.split('.').at(-1) ?? ''

/** What answers a path. */
export interface PathEntry {
  /** As declared: `/v1/videos/{id}`. */
  template: string
  surface: Surface
  /** In the order of declaration, with HEAD where there is GET. */
  methods: string[]
  routes: ReadonlyMap<string, PublicRoute>
}

/** What the one look-up of a request found. */
export interface FoundRoute {
  entry: PathEntry
  /** Undefined where the path does not have this method. */
  route: PublicRoute | undefined
  /** Parameters of the path, decoded. */
  params: Record<string, string>
}

/** Finds the route of a request by its first line, before anything else of it is read. */
export class RouteTable {
  readonly #fixed = new Map<string, PathEntry>()
  readonly #templates: { pattern: RegExp; entry: PathEntry }[] = []

  constructor(routes: PublicRoute[]) {
    const byPath = Map.groupBy(routes, (route) => withoutSlash(route.path))
    for (const [path, [first, ...others]] of byPath) {
      if (!first) continue
      const entry = toEntry(first, others)
      if (!path.includes('{')) this.#fixed.set(path, entry)
      else this.#templates.push({ pattern: toPattern(path), entry })
    }
  }

  /** The route of a request. It is looked up once and stays with the request. */
  lookUp(request: IncomingMessage): FoundRoute | undefined {
    if (request.foundRoute === undefined) {
      request.foundRoute = this.find(request.method ?? 'GET', pathOf(request.url ?? '/')) ?? null
    }
    return request.foundRoute ?? undefined
  }

  /**
   * The route of a method and a path. A slash at the end is accepted by the compatibility APIs
   * only.
   */
  find(method: string, path: string): FoundRoute | undefined {
    const fixed = this.#fixed.get(path)
    if (fixed) return toFound(fixed, method)
    for (const { pattern, entry } of this.#templates) {
      const match = pattern.exec(path)
      if (match) return toFound(entry, method, match.groups)
    }
    if (!path.endsWith('/')) return undefined
    const entry = this.#fixed.get(path.slice(0, -1))
    return entry && entry.surface !== 'v1' ? toFound(entry, method) : undefined
  }
}

function toEntry(first: PublicRoute, others: PublicRoute[]): PathEntry {
  const routes = new Map([first, ...others].map((route) => [route.method, route]))
  const methods = [...routes.keys()]
  const get = routes.get('GET')
  if (get) {
    methods.push('HEAD')
    routes.set('HEAD', get)
  }
  return { template: first.path, surface: first.surface, methods, routes }
}

/**
 * Segments of dots and backslashes match nothing: URL parsers on the way read `%2e%2e` as "up" and
 * `\` as `/`, so such a path leads elsewhere than it says.
 */
function toPattern(path: string): RegExp {
  const segment = (_: string, name: string) => `(?<${name}>(?!(?:\\.|%2[eE]){1,2}(?:/|$))[^/\\\\]+)`
  return new RegExp(`^${path.replace(/\{(\w+)\}/g, segment)}$`)
}

function toFound(entry: PathEntry, method: string, groups: Record<string, string> = {}): FoundRoute {
  const params: Record<string, string> = {}
  for (const name in groups) params[name] = decode(groups[name] ?? '')
  return { entry, route: entry.routes.get(method), params }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The path of a request target, which proxies may send with scheme and host (RFC 9112, 3.2.2). */
function pathOf(url: string): string {
  if (!url.startsWith('/')) return URL.parse(url)?.pathname ?? url
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}

/** The API whose prefix a path has, for paths that no route is declared for. */
export const surfaceOf = (path: string): Surface => (/^\/+douyin(\/|$)/.test(path) ? 'douyin' : 'v1')

/** A path without the slash at its end. */
export const withoutSlash = (path: string) => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path)

declare module 'node:http' {
  interface IncomingMessage {
    /** What `RouteTable.lookUp` found; null where no path fits. */
    foundRoute?: FoundRoute | null
  }
}
