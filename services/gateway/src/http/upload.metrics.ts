import { Counter } from '@fanone/service-kit'

/**
 * `protocol`: form (one request), tus, chunks (the older API). `outcome`: begun, finished (all
 * bytes are there), ended (by its owner), refused (with a reason that the client is told).
 */
export const uploadOutcomes = new Counter({
  name: 'fanone_uploads_total',
  help: 'Uploads by protocol and outcome',
  labelNames: ['protocol', 'outcome'] as const,
})

/** Bytes that are durable in storage; those that came again count again. */
export const uploadedBytes = new Counter({
  name: 'fanone_uploaded_bytes_total',
  help: 'Bytes of uploads written to storage, by protocol',
  labelNames: ['protocol'] as const,
})
