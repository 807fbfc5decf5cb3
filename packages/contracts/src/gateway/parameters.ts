import { z } from 'zod'

/**
 * A number that arrives as decimal text, as queries, paths and forms carry it. Anything but plain digits stays text and fails
 * the schema: no exponents, no hex, no blanks.
 */
export const decimal = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value), schema)

/** A parameter that may be left out or left empty, which is the same to forms. */
export const blankable = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional()).optional()
