import { JSON_SCHEMA_INPUT_REGISTRY } from '@orpc/zod/zod4'
import { z } from 'zod'

/**
 * Shows the converter lengths and patterns that schemas check by refinements and state in `meta`.
 *
 * @param input the schema of a route's input, if it has one
 */
export function describeBounds(input: unknown): void {
  if (input instanceof z.ZodObject) for (const property of Object.values(input.shape)) describeBounds(property)
  if (input instanceof z.ZodOptional || input instanceof z.ZodDefault || input instanceof z.ZodNullable)
    describeBounds(input.def.innerType)
  if (!(input instanceof z.ZodType)) return
  const { minLength, maxLength, pattern } = input.meta() ?? {}
  const bounds = {
    ...(typeof minLength === 'number' ? { minLength } : {}),
    ...(typeof maxLength === 'number' ? { maxLength } : {}),
    ...(typeof pattern === 'string' ? { pattern } : {}),
  }
  if (Object.keys(bounds).length > 0) JSON_SCHEMA_INPUT_REGISTRY.add(input as z.ZodString, bounds)
}
