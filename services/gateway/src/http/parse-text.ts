import { ServiceError } from '@fanone/service-kit'
import type { z } from 'zod'

/**
 * What the fields of a form say.
 *
 * @throws ServiceError `invalid_input` with what does not fit
 */
export function parseText<Output>(schema: z.ZodType<Output>, fields: Record<string, unknown>): Output {
  const result = schema.safeParse(fields)
  if (result.success) return result.data
  const issues = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  const detail = issues.map(({ path, message }) => `${path}: ${message}`).join('; ')
  throw new ServiceError('invalid_input', { detail, issues })
}
