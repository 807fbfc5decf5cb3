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

/**
 * A number that says what is to be done, as decimal text; a number that means nothing breaks the rule `unsupported`.
 *
 * @param meanings what each number means
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
