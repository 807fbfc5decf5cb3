import { type AnyContractRouter, isContractProcedure, oc } from '@orpc/contract'
import type { z } from 'zod'

/** What callers and the server must know about an internal operation besides its schemas. */
export interface OperationMeta {
  /**
   * Dapr may deliver any call again. `safe`: changes nothing. `natural`: a second call with the
   * same input changes nothing more and gets the same answer. `keyed`: so does a second call with
   * the same idempotency key, which the server remembers.
   */
  idempotency: 'safe' | 'natural' | 'keyed'
  /** How long a caller waits for the answer, retries of the sidecars included. */
  timeoutMs: number
  /** Shares no hop with other calls (docs/shared-calls.md): its work costs more than the hop. */
  isAlone: boolean
}

const SAFE_TIMEOUT_MS = 3_000
const CHANGE_TIMEOUT_MS = 6_000

const internal = oc.$meta<Partial<OperationMeta>>({})

/**
 * Declares an internal operation with a constant path, so that breakers, access lists, metrics and
 * span names stay finite.
 *
 * @param name `<noun>.<verb>`, for example `videos.getMany`
 * @param definition set `timeoutMs` if the default (3 s for `safe`, otherwise 6 s) does not fit,
 *   and `isAlone` for what works hard; what may take longer than 6 s is alone anyhow
 */
export function operation<Input extends z.ZodType, Output extends z.ZodType>(
  name: `${string}.${string}`,
  definition: {
    idempotency: OperationMeta['idempotency']
    timeoutMs?: number
    isAlone?: boolean
    input: Input
    output: Output
  },
) {
  const { idempotency } = definition
  const { timeoutMs = idempotency === 'safe' ? SAFE_TIMEOUT_MS : CHANGE_TIMEOUT_MS } = definition
  const { isAlone = timeoutMs > CHANGE_TIMEOUT_MS } = definition
  return internal
    .route({ method: 'POST', path: `/internal/${name}` })
    .meta({ idempotency, timeoutMs, isAlone })
    .input(definition.input)
    .output(definition.output)
}

/**
 * What is declared of the operation at a path of a contract, such as `['videos', 'getMany']`.
 *
 * @throws Error where the contract has no operation there
 */
export function metaOf(contract: AnyContractRouter, path: readonly string[]): OperationMeta {
  const found = path.reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], contract)
  const meta = isContractProcedure(found) ? (found['~orpc'].meta as Partial<OperationMeta>) : undefined
  if (meta?.timeoutMs === undefined) throw new Error(`${path.join('.')} is no operation`)
  return meta as OperationMeta
}
