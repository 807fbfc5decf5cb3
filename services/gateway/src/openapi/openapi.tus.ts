import type { OpenAPI } from '@orpc/contract'
import type { PublicRoute } from '../routing/route-table.ts'

type Header = [name: string, description: string, schema: Record<string, unknown>]

const bytes = { type: 'integer', minimum: 0 }
const checksum: Header = ['Upload-Checksum', '`sha1`, `sha256` or `md5`, a blank, and the digest in Base64', text()]

/** What requests say in headers, by route; what is required comes first. */
const headersOf: Record<string, { required: Header[]; optional: Header[] }> = {
  'uploads.create': {
    required: [],
    optional: [
      ['Upload-Length', 'Bytes of the file; not for a `final` upload', bytes],
      ['Upload-Metadata', 'Names and Base64 values; `sha256` (hex) is checked when it is published', text()],
      ['Upload-Concat', '`partial`, or `final;` and the paths of partial uploads', text()],
      checksum,
    ],
  },
  'uploads.inspect': { required: [], optional: [] },
  'uploads.append': { required: [['Upload-Offset', 'How many bytes are there', bytes]], optional: [checksum] },
  'uploads.end': { required: [], optional: [] },
}

function text() {
  return { type: 'string' }
}

/** Adds to a route of tus what its contract cannot say: headers, and bodies of bytes. */
export function describeTus(operation: OpenAPI.OperationObject, route: PublicRoute): void {
  const headers = route.surface === 'v1' ? headersOf[route.name] : undefined
  if (!headers) return
  const version: Header = ['Tus-Resumable', 'Version of the protocol', { type: 'string', enum: ['1.0.0'] }]
  operation.parameters = [
    ...(operation.parameters ?? []),
    ...[version, ...headers.required].map((header) => parameter(header, true)),
    ...headers.optional.map((header) => parameter(header, false)),
  ]
  // Everything is in the headers.
  for (const status of [200, 201, 204]) {
    const success = operation.responses?.[status] as OpenAPI.ResponseObject | undefined
    delete success?.content
  }
  if (route.method !== 'PATCH' && route.method !== 'POST') {
    delete operation.requestBody
    return
  }
  operation.requestBody = {
    required: route.method === 'PATCH',
    content: { 'application/offset+octet-stream': { schema: { type: 'string', format: 'binary' } } },
  } as OpenAPI.RequestBodyObject
}

const parameter = ([name, description, schema]: Header, required: boolean) =>
  ({ name, in: 'header', description, required, schema }) as OpenAPI.ParameterObject
