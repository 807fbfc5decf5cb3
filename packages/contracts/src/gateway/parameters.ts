import { z } from 'zod'
import { Likeness } from '../image-search.ts'

/**
 * A number sent as decimal text, as in queries, paths and forms. Anything but plain digits stays
 * text and fails the schema: no exponents, no hex, no blanks.
 */
export const decimal = <Schema extends z.ZodType>(schema: Schema) => numeric(/^-?\d+$/, schema)

/**
 * The same, and as clients print it that keep every number in a double: `3.75713228857344e+14`.
 * What has lost digits on the way is no whole number, or another one, so nothing but whole numbers
 * may be taken.
 */
export const floating = <Schema extends z.ZodType>(schema: Schema) => numeric(FLOATING, schema)

const FLOATING = /^-?\d+(\.\d+)?(e\+?\d+)?$/i
const DECIMALS = /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i

const numeric = <Schema extends z.ZodType>(form: RegExp, schema: Schema) =>
  z.preprocess((value) => (typeof value === 'string' && form.test(value) ? Number(value) : value), schema)

/** How alike pictures have to be, as a number is written in JSON. */
export const minScore = numeric(DECIMALS, Likeness)

/** A parameter that may be left out or left empty, which is the same to forms. */
export const blankable = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional()).optional()

/**
 * A number that selects an action, as decimal text; other numbers break the rule `unsupported`.
 *
 * @param meanings the meaning of each number
 */
export const actionType = <Meaning extends string>(meanings: Record<string, Meaning>) =>
  z
    .string()
    .refine((value) => value === '' || Object.hasOwn(meanings, value), {
      message: `must be ${Object.keys(meanings).join(' or ')}`,
      params: { rule: 'unsupported' },
    })
    .refine((value) => value !== '', 'must not be empty')
    .transform((value) => meanings[value] as Meaning)
    .meta({ minLength: 1, pattern: `^[${Object.keys(meanings).join('')}]$` })
