import type { z } from 'zod'

/** A value as its JSON text, for answers that are put together from texts which were checked when they were written. */
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
 * The output schema of an operation so hot that checking and copying every answer is its main cost: the handler may answer a
 * `JsonText`, which is sent as it is. That the text fits the schema is shown by tests instead.
 */
export function orText<Schema extends z.ZodObject>(
  schema: Schema,
): z.ZodType<z.output<Schema>, z.input<Schema> | JsonText<z.input<Schema>>> {
  const standard = schema['~standard']
  const validate = (value: unknown) => (value instanceof JsonText ? { value } : standard.validate(value))
  return Object.defineProperty(schema.clone(), '~standard', { value: { ...standard, validate } }) as never
}
