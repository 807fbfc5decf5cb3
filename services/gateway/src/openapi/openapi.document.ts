import { Problem, TokenPair } from '@fanone/contracts'
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
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { declaredRoutes } from '../routing/declared-routes.ts'
import { type PublicRoute, withoutSlash } from '../routing/route-table.ts'
import { completeOperation } from './openapi.operation.ts'
import { describeBounds } from './openapi.schemas.ts'

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

/** The OpenAPI 3.1 document of the gateway, from the contracts that validate its requests. */
export async function createOpenApiDocument(): Promise<OpenAPI.Document> {
  for (const { input } of declaredRoutes) describeBounds(input)
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
  for (const route of declaredRoutes) completeOperation(operationOf(document, route), route)
  return document
}

function operationOf(document: OpenAPI.Document, route: PublicRoute): OpenAPI.OperationObject {
  const item = document.paths?.[withoutSlash(route.path)] as Record<string, OpenAPI.OperationObject> | undefined
  const operation = item?.[route.method.toLowerCase()]
  if (!operation) throw new Error(`${route.method} ${route.path} is missing in the document`)
  return operation
}
