import type { z } from 'zod'

/**
 * A value as JSON text, for answers joined from texts that were validated when they were written.
 */
export class JsonText<Value> {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  read(): Value {
    return JSON.parse(this.text) as Value
  }
}

/**
 * Output schema of a hot operation, where validating and copying answers is the main cost: the
 * handler may return a `JsonText`, which is sent unchanged. Tests validate the text instead.
 */
export function orText<Schema extends z.ZodObject>(
  schema: Schema,
): z.ZodType<z.output<Schema>, z.input<Schema> | JsonText<z.input<Schema>>> {
  const standard = schema['~standard']
  const validate = (value: unknown) => (value instanceof JsonText ? { value } : standard.validate(value))
  return Object.defineProperty(schema.clone(), '~standard', { value: { ...standard, validate } }) as never
}
