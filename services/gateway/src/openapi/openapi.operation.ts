import { type ErrorCode, errorCatalogue } from '@fanone/contracts'
import type { Surface } from '@fanone/contracts/gateway'
import type { OpenAPI } from '@orpc/contract'
import { z } from 'zod'
import type { PublicRoute } from '../routing/route-table.ts'
import { describeSessionStorage } from './openapi.session.ts'
import { describeTus } from './openapi.tus.ts'

/** What a client may show, by API; any line will do. */
const security: Record<Surface, OpenAPI.SecurityRequirementObject[]> = {
  v1: [{ bearer: [] }],
  fanone: [{ accessToken: [] }, { accessToken: [], refreshToken: [] }, { bearer: [] }],
  douyin: [{ token: [] }],
}

/**
 * Adds to a route's generated description what schemas lack: access, calling conventions, errors.
 */
export function completeOperation(operation: OpenAPI.OperationObject, route: PublicRoute): void {
  operation.operationId = `${route.surface}.${route.name}`
  const requirements = security[route.surface]
  if (route.meta.access === 'user' || route.meta.access === 'operator') operation.security = requirements
  if (route.meta.access === 'optional') operation.security = [{}, ...requirements]
  useFormContent(operation, route)
  describeTus(operation, route)
  describeSessionStorage(operation, route)
  describeParameters(operation, route)
  describeEmptyAnswer(operation)
  describeStream(operation)
  if (route.surface === 'v1') describeProblems(operation, errorsOf(route))
  else describeFailure(operation, route.surface)
  operation.responses = { ...operation.responses, 431: { description: 'Request line and headers exceed 16 KiB' } }
}

/** The generator allows empty query parameters; ours may be empty only if the schema says so. */
function describeParameters(operation: OpenAPI.OperationObject, route: PublicRoute): void {
  for (const parameter of (operation.parameters ?? []) as OpenAPI.ParameterObject[]) {
    if (parameter.in !== 'query') continue
    if (!takesEmpty(route, parameter.name)) delete parameter.allowEmptyValue
  }
}

function takesEmpty({ input }: PublicRoute, name: string): boolean {
  const schema = input instanceof z.ZodObject ? (input.shape[name] as z.ZodType | undefined) : undefined
  return schema?.safeParse('').success ?? false
}

/** 204 has no body, so no type either. */
function describeEmptyAnswer(operation: OpenAPI.OperationObject): void {
  const empty = operation.responses?.[204] as OpenAPI.ResponseObject | undefined
  delete empty?.content
}

/** A text that is no JSON, but what its schema says. */
function describeStream(operation: OpenAPI.OperationObject): void {
  const content = (operation.responses?.[200] as OpenAPI.ResponseObject | undefined)?.content
  const json = content?.['application/json']
  const type = (json?.schema as { contentMediaType?: string } | undefined)?.contentMediaType
  if (!content || !json || type === undefined) return
  delete content['application/json']
  content[type] = json
}

/** What the compatibility APIs answer, with the status of success, when something fails. */
const failures: Record<Exclude<Surface, 'v1'>, OpenAPI.SchemaObject> = {
  fanone: {
    type: 'object',
    properties: {
      base: {
        type: 'object',
        properties: { code: { type: 'integer', not: { const: 10000 } }, msg: { type: 'string' } },
        required: ['code', 'msg'],
      },
    },
    required: ['base'],
  },
  douyin: {
    type: 'object',
    properties: { status_code: { type: 'integer', not: { const: 0 } }, status_msg: { type: 'string' } },
    required: ['status_code', 'status_msg'],
  },
}

function describeFailure(operation: OpenAPI.OperationObject, surface: keyof typeof failures): void {
  const success = operation.responses?.[200] as OpenAPI.ResponseObject | undefined
  const json = success?.content?.['application/json']
  if (!json?.schema) throw new Error(`${operation.operationId} has no answer`)
  json.schema = { anyOf: [json.schema, failures[surface]] } as typeof json.schema
}

/** Uploads are multipart and nothing else; the compatibility APIs take forms and no JSON. */
function useFormContent(operation: OpenAPI.OperationObject, route: PublicRoute): void {
  const body = (operation.requestBody ?? {}) as OpenAPI.RequestBodyObject
  const { content } = body as Partial<OpenAPI.RequestBodyObject>
  const json = content?.['application/json']
  if (!content || !json) return
  // A body that says nothing may be left out.
  if (!(json.schema as OpenAPI.SchemaObject).required) body.required = false
  const isUpload = content['multipart/form-data'] !== undefined
  if (!isUpload && route.surface === 'v1') return
  delete content['application/json']
  if (isUpload) addFinishedUpload(content, json)
  if (isUpload) describeFiles(json.schema as OpenAPI.SchemaObject)
  content['multipart/form-data'] = json
  if (!isUpload) content['application/x-www-form-urlencoded'] = json
}

/** Where a file may be named by the id of its upload, that is another body: JSON. */
function addFinishedUpload(content: Record<string, OpenAPI.MediaTypeObject>, form: OpenAPI.MediaTypeObject): void {
  const schema = form.schema as OpenAPI.SchemaObject & { properties: Record<string, unknown>; required?: string[] }
  const { uploadId, file, ...others } = schema.properties
  if (!uploadId) return
  const required = schema.required ?? []
  content['application/json'] = {
    schema: { ...schema, properties: { ...others, uploadId }, required: [...required, 'uploadId'] },
  } as OpenAPI.MediaTypeObject
  Object.assign(schema, { properties: { ...others, file }, required: [...required, 'file'] })
}

/** Says what clients generally understand as a file. */
function describeFiles(schema: OpenAPI.SchemaObject): void {
  for (const property of Object.values(schema.properties ?? {}) as Record<string, unknown>[]) {
    if (property.contentMediaType === '*/*') Object.assign(property, { format: 'binary' })
  }
}

function errorsOf(route: PublicRoute): ErrorCode[] {
  const { access, errors } = route.meta
  const ofTokens: ErrorCode[] = access === 'public' ? [] : ['unauthenticated', 'token_expired']
  const ofAccess: ErrorCode[] = access === 'operator' ? [...ofTokens, 'forbidden'] : ofTokens
  const ofBody: ErrorCode[] = ['POST', 'PUT', 'PATCH'].includes(route.method)
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
