import { douyinContract, fanoneContract, type RouteMeta, type Surface, v1Contract } from '@fanone/contracts/gateway'
import { type AnyContractRouter, isContractProcedure } from '@orpc/contract'
import { z } from 'zod'

/** What a parameter may be, as far as tests look at it. */
export interface FieldSchema {
  type?: string
  minimum?: number
  exclusiveMinimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  contentEncoding?: string
  const?: string
  properties?: Record<string, FieldSchema>
  required?: string[]
}

/** One declared parameter of a route. */
export interface Field {
  name: string
  place: 'path' | 'query' | 'body'
  schema: FieldSchema
  isRequired: boolean
  isFile: boolean
}

/** A declared route of the gateway, with what it takes. */
export interface PublicRoute {
  surface: Surface
  method: string
  path: string
  access: RouteMeta['access']
  /** Answered from Prometheus, without which it says so with 503. */
  isWatched: boolean
  /** Whether it answers `forbidden` to users whose thing it is not. */
  isOwners: boolean
  /** How parameters that are not in the path travel. */
  transport: 'query' | 'json' | 'form' | 'upload'
  fields: Field[]
}

/** All declared public routes, so that tests cover new services without changes. */
export const publicRoutes: PublicRoute[] = [
  ...routesOf('v1', v1Contract),
  ...routesOf('fanone', fanoneContract),
  ...routesOf('douyin', douyinContract),
]

function routesOf(surface: Surface, contract: AnyContractRouter): PublicRoute[] {
  if (!isContractProcedure(contract))
    return Object.values(contract).flatMap((part) => routesOf(surface, part as AnyContractRouter))
  const { route, meta, inputSchema } = contract['~orpc']
  const [method, path] = [String(route.method), String(route.path)]
  const fields = fieldsOf(inputSchema as z.ZodType | undefined, { method, path })
  const { access, errors } = meta as RouteMeta
  const isOwners = errors.includes('forbidden')
  const isWatched = errors.includes('monitoring_unavailable')
  return [{ surface, method, path, access, isWatched, isOwners, transport: transportOf(), fields }]

  function transportOf(): PublicRoute['transport'] {
    if (fields.some((field) => field.isFile)) return 'upload'
    // What resumable uploads say is in their headers.
    if (method === 'GET' || method === 'DELETE' || path.startsWith('/v1/uploads')) return 'query'
    return surface === 'v1' ? 'json' : 'form'
  }
}

/** The parameters by the schema that validates them. */
function fieldsOf(schema: z.ZodType | undefined, { method, path }: { method: string; path: string }): Field[] {
  if (!schema) return []
  const document = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  const input = resolveReference(document, document)
  const elsewhere = method === 'GET' || method === 'DELETE' ? 'query' : 'body'
  return Object.entries(input.properties ?? {}).map(([name, written]) => {
    const property = resolveReference(written, document)
    return {
      name,
      place: path.includes(`{${name}}`) ? 'path' : elsewhere,
      schema: property,
      isRequired: (input.required?.includes(name) ?? false) || property.contentEncoding === 'binary',
      isFile: property.contentEncoding === 'binary',
    }
  })
}

type JsonSchema = FieldSchema & {
  $ref?: string
  properties?: Record<string, JsonSchema>
  $defs?: Record<string, JsonSchema>
}

function resolveReference(schema: JsonSchema, document: JsonSchema): JsonSchema {
  const name = schema.$ref?.replace('#/$defs/', '')
  return name === undefined ? schema : (document.$defs?.[name] ?? schema)
}
