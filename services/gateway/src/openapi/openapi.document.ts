import {
  Description,
  type ErrorCode,
  errorCatalogue,
  Password,
  Problem,
  Title,
  TokenPair,
  Username,
} from '@fanone/contracts'
import {
  DouyinUser,
  DouyinVideo,
  douyinContract,
  FanoneUser,
  FanoneVideo,
  fanoneContract,
  V1FeedItem,
  V1User,
  V1Video,
  v1Contract,
} from '@fanone/contracts/gateway'
import type { OpenAPI } from '@orpc/contract'
import { OpenAPIGenerator } from '@orpc/openapi'
import { JSON_SCHEMA_INPUT_REGISTRY, ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { type DeclaredRoute, listRoutes, withoutSlash } from '../http/route-table.ts'

/** Every route of the gateway. */
export const declaredRoutes: DeclaredRoute[] = [
  ...listRoutes('v1', v1Contract),
  ...listRoutes('fanone', fanoneContract),
  ...listRoutes('douyin', douyinContract),
]

const description = `A video community. Three APIs on one port: the native one under /v1, and two compatibility APIs.

Errors of the native API are problem details (RFC 9457) whose \`code\` is stable. The compatibility APIs always answer HTTP 200;
their own code tells what happened, in \`base.code\` (FanOne) or \`status_code\` (Douyin).`

const securitySchemes: NonNullable<OpenAPI.ComponentsObject['securitySchemes']> = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'Access token' },
  accessToken: { type: 'apiKey', in: 'header', name: 'Access-Token', description: 'FanOne API' },
  refreshToken: {
    type: 'apiKey',
    in: 'header',
    name: 'Refresh-Token',
    description: 'FanOne API, renews an expired one',
  },
  token: { type: 'apiKey', in: 'query', name: 'token', description: 'Douyin API' },
}

// Lengths in code points are checked by refinements, which the converter cannot see.
JSON_SCHEMA_INPUT_REGISTRY.add(Username, { minLength: 3, maxLength: 32 })
JSON_SCHEMA_INPUT_REGISTRY.add(Password, { minLength: 6, maxLength: 64 })
JSON_SCHEMA_INPUT_REGISTRY.add(Title, { minLength: 1, maxLength: 100 })
JSON_SCHEMA_INPUT_REGISTRY.add(Description, { maxLength: 2_000 })

/** What a client may show, by API; any line will do. */
const security: Record<DeclaredRoute['surface'], OpenAPI.SecurityRequirementObject[]> = {
  v1: [{ bearer: [] }],
  fanone: [{ accessToken: [] }, { accessToken: [], refreshToken: [] }, { bearer: [] }],
  douyin: [{ token: [] }],
}

/** The OpenAPI 3.1 document of the gateway, from the contracts that validate its requests. */
export async function createOpenApiDocument(): Promise<OpenAPI.Document> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] })
  const document = await generator.generate(
    { v1: v1Contract, fanone: fanoneContract, douyin: douyinContract },
    {
      info: {
        title: 'FanOne',
        version: '1.0.0',
        description,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'This gateway' }],
      commonSchemas: {
        Problem: { schema: Problem },
        User: { schema: V1User },
        Video: { schema: V1Video },
        FeedItem: { schema: V1FeedItem },
        TokenPair: { schema: TokenPair },
        FanoneUser: { schema: FanoneUser },
        FanoneVideo: { schema: FanoneVideo },
        DouyinUser: { schema: DouyinUser },
        DouyinVideo: { schema: DouyinVideo },
      },
      components: { securitySchemes },
    },
  )
  for (const route of declaredRoutes) complete(operationOf(document, route), route)
  return document
}

function operationOf(document: OpenAPI.Document, route: DeclaredRoute): OpenAPI.OperationObject {
  const item = document.paths?.[withoutSlash(route.path)] as Record<string, OpenAPI.OperationObject> | undefined
  const operation = item?.[route.method.toLowerCase()]
  if (!operation) throw new Error(`${route.method} ${route.path} is missing in the document`)
  return operation
}

function complete(operation: OpenAPI.OperationObject, route: DeclaredRoute): void {
  operation.operationId = `${route.surface}.${route.name}`
  const requirements = security[route.surface]
  if (route.meta.access === 'user') operation.security = requirements
  if (route.meta.access === 'optional') operation.security = [{}, ...requirements]
  useFormContent(operation, route)
  if (route.surface === 'v1') describeProblems(operation, errorsOf(route))
}

/** Uploads are multipart and nothing else; the compatibility APIs take forms and no JSON. */
function useFormContent(operation: OpenAPI.OperationObject, route: DeclaredRoute): void {
  const content = (operation.requestBody as OpenAPI.RequestBodyObject | undefined)?.content
  const json = content?.['application/json']
  if (!content || !json) return
  const isUpload = content['multipart/form-data'] !== undefined
  if (!isUpload && route.surface === 'v1') return
  delete content['application/json']
  content['multipart/form-data'] = json
  if (!isUpload) content['application/x-www-form-urlencoded'] = json
}

function errorsOf(route: DeclaredRoute): ErrorCode[] {
  const { access, errors } = route.meta
  const ofAccess: ErrorCode[] = access === 'public' ? [] : ['unauthenticated', 'token_expired']
  const ofBody: ErrorCode[] =
    route.method === 'POST' || route.method === 'PATCH'
      ? ['malformed_json', 'body_too_large', 'unsupported_media_type']
      : []
  const ofAll: ErrorCode[] = [
    'invalid_input',
    'too_many_requests',
    'internal',
    'upstream_failed',
    'unavailable',
    'timeout',
  ]
  return [...new Set([...errors, ...ofAccess, ...ofBody, ...ofAll])]
}

function describeProblems(operation: OpenAPI.OperationObject, codes: ErrorCode[]): void {
  operation.responses ??= {}
  const byStatus = Map.groupBy(codes, (code) => errorCatalogue[code].status)
  for (const [status, group] of [...byStatus].sort(([a], [b]) => a - b)) {
    operation.responses[status] = {
      description: group.map((code) => `\`${code}\`: ${errorCatalogue[code].title}`).join('\n\n'),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    }
  }
}
