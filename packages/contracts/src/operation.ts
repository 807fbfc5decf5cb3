import { oc } from '@orpc/contract'
import type { z } from 'zod'

/** What the callers and the server must know about an internal operation, beside its schemas. */
export interface OperationMeta {
  /**
   * `safe`: changes nothing. `natural`: running it twice equals running it once. `keyed`: the server remembers the
   * caller's idempotency key and replays the first answer, because Dapr may deliver any call again.
   */
  idempotency?: 'safe' | 'natural' | 'keyed'
}

const internal = oc.$meta<OperationMeta>({})

/**
 * Declares an internal operation: one constant path, so that breakers, access lists, metrics and span names stay finite.
 *
 * @param name `<noun>.<verb>`, for example `videos.getMany`
 */
export function operation<Input extends z.ZodType, Output extends z.ZodType>(
  name: `${string}.${string}`,
  definition: { idempotency: NonNullable<OperationMeta['idempotency']>; input: Input; output: Output },
) {
  return internal
    .route({ method: 'POST', path: `/internal/${name}` })
    .meta({ idempotency: definition.idempotency })
    .input(definition.input)
    .output(definition.output)
}
